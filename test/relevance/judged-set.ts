import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { chance } from '../bench/records/record.ts';
import type { Grades } from './metrics.ts';

/** What a query tries. `spelling`: mistyped or spelled by ear; `code`: a standard's code, alone or among words. */
const KINDS = [
  'words',
  'broad',
  'grade',
  'kind',
  'code',
  'spelling',
  'prefix',
  'phrase',
  'language',
  'level',
] as const;

const judgedQuery = z.strictObject({
  q: z.string().trim().min(1).max(200),
  kind: z.enum(KINDS),
  judged: z
    .array(
      z.strictObject({
        /** 0: read, and of no use. What nobody has read has no grade, and counts the same. */
        grade: z.union([z.literal(3), z.literal(2), z.literal(1), z.literal(0)]),
        /** In the judge's own words. */
        why: z.string().trim().min(8).max(200),
        /** `source:id`; with a star at its end, all that begin so. No text of the records. */
        records: z.array(z.string().regex(/^[a-z-]+:\S.*$/)).min(1),
      }),
    )
    .min(1),
});

export type JudgedQuery = z.infer<typeof judgedQuery>;

/** All judged queries. @throws Error that names the file and what is wrong in it, or the query that is there twice */
export function readJudgedSet(): JudgedQuery[] {
  const folder = fileURLToPath(new URL('judged/', import.meta.url));
  const queries = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => parseJudged(name, readFileSync(`${folder}${name}`, 'utf8')));
  const seen = new Set<string>();
  for (const { q } of queries) {
    if (seen.has(q)) throw new Error(`“${q}” is judged twice`);
    seen.add(q);
  }
  return queries;
}

/** @throws Error that names the file and what is wrong in it */
export function parseJudged(name: string, text: string): JudgedQuery[] {
  const read = z.array(judgedQuery).safeParse(parse(text));
  if (!read.success) throw new Error(`${name}: ${z.prettifyError(read.error)}`);
  return read.data;
}

/**
 * The grade of each record of a catalog for a query. A record that is named twice has its first grade, so a single
 * one can be named before the star that it falls under.
 * @throws Error for a record that the catalog doesn't have, since it would make every order look worse than it is
 */
export function gradesOf({ q, judged }: JudgedQuery, keys: readonly string[]): Grades {
  const known = new Set(keys);
  const grades = new Map<string, number>();
  for (const { grade, records } of judged)
    for (const record of records) {
      const start = record.slice(0, -1);
      const named = record.endsWith('*')
        ? keys.filter((key) => key.startsWith(start))
        : known.has(record)
          ? [record]
          : [];
      if (named.length === 0) throw new Error(`“${q}”: there is no record ${record}`);
      for (const key of named) if (!grades.has(key)) grades.set(key, grade);
    }
  return grades;
}

/** Every third query, by its words: nobody looks at these while changing the order of hits. */
export const isHeldOut = ({ q }: Pick<JudgedQuery, 'q'>): boolean => chance('held out', q) < 1 / 3;
