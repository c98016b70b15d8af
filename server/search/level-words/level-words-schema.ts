import { z } from 'zod';
import { line } from '../../web/parse.ts';
import { distinctPhrases } from '../phrase-list.ts';

const MOST = 80;
const LONGEST = 60;

/** The form: the words of each level, one phrase a line, by the level's id. */
export const levelWordsForm = z.object({
  do: z.enum(['save', 'try', 'starter']).catch('save'),
  /** Which words the page showed, so that nobody's change is overwritten unseen. */
  seen: z.string().max(64).catch(''),
  q: line(200).catch(''),
});

/** @returns a schema for the fields `words-<id>` of these levels */
export const levelWordsFields = (levelIds: readonly string[]) =>
  z.object(
    Object.fromEntries(
      levelIds.map((levelId) => [
        `words-${levelId}`,
        z
          .string()
          .max(10_000, 'fault.tooLong')
          .default('')
          .transform((text) => distinctPhrases(text))
          .refine((list) => list.length <= MOST, 'levelWords.fault.many')
          .refine((list) => list.every((phrase) => phrase.length <= LONGEST), 'fault.tooLong')
          .refine((list) => list.every((phrase) => phrase.split(' ').length <= 6), 'synonyms.fault.long'),
      ]),
    ),
  );

/** Words by the id of their level. */
export type LevelWordsInput = { levelId: string; words: string[] }[];
