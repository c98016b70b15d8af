import { z } from 'zod';
import { line } from '../../web/parse.ts';
import { distinctPhrases } from '../phrase-list.ts';
import { foldedWords } from '../reading/query-tokens.ts';

const MOST = 20;
const LONGEST = 60;

/** The words of a group as a person writes them: one a line, or with commas between. */
const words = z
  .string()
  .max(2000, 'fault.tooLong')
  .transform((text) => distinctPhrases(text))
  .refine((list) => list.length > 0, 'synonyms.fault.none')
  .refine((list) => list.length <= MOST, 'synonyms.fault.many')
  .refine((list) => list.every((word) => word.length <= LONGEST), 'fault.tooLong')
  .refine((list) => list.every((word) => foldedWords(word).length <= 6), 'synonyms.fault.long');

/** The form of a group of synonyms. An empty term: each word finds all others. */
export const synonymForm = z
  .object({
    language: z.enum(['en', 'es']),
    term: line(LONGEST)
      .refine((text) => text === '' || foldedWords(text).length > 0, 'synonyms.fault.none')
      .transform((text) => (text === '' ? null : text)),
    words,
  })
  .refine(({ term, words: list }) => term !== null || list.length > 1, {
    path: ['words'],
    message: 'synonyms.fault.one',
  });

export type SynonymInput = z.output<typeof synonymForm>;
