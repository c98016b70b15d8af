import type { Pool } from 'pg';
import { findStandardsInText, resolveCode } from '../standards/code-queries.ts';
import { searchStandards } from '../standards/picker-queries.ts';
import { standardTab } from '../standards/standard-row.ts';
import type { StandardTab } from '../standards/standard-view.ts';
import { readVocabularies, type Level } from '../vocabularies/vocabulary-queries.ts';
import type { DraftAlignment } from './draft-service.ts';
import type { StandardFinder } from './share-view.ts';

/** How many standards the form offers for what was typed. */
const offered = 12;

/**
 * What the form offers for what was typed into the standards box: codes in any spelling (one or several), else
 * standards whose words match. A code that nobody has is named, with near ones.
 */
export async function findStandards(pool: Pool, text: string, picked: Set<string>): Promise<StandardFinder> {
  const offer = (hits: Awaited<ReturnType<typeof searchStandards>>): StandardFinder['found'] =>
    hits.map((hit) => ({
      tab: standardTab(hit),
      framework: hit.framework.title,
      path: hit.path,
      picked: picked.has(hit.guid),
    }));
  const { codes, unknown } = await findStandardsInText(pool, text);
  if (codes.length === 0 && unknown.length === 0)
    return { query: text, found: offer(await searchStandards(pool, text, { limit: offered })), unknown: [] };
  const found = await Promise.all(codes.map((code) => searchStandards(pool, code.text, { limit: offered })));
  const near = await Promise.all(unknown.map((code) => nearCodes(pool, code.text)));
  return {
    query: text,
    found: offer([...new Map(found.flat().map((hit) => [hit.guid, hit])).values()].slice(0, offered * 2)),
    unknown: unknown.map((code, index) => ({ text: code.text, near: near[index] ?? [] })),
  };
}

/** Standards whose code begins like the one typed, cut from its end until something is found. */
async function nearCodes(pool: Pool, code: string): Promise<StandardTab[]> {
  for (let length = code.length - 1; length >= 2; length -= 1) {
    const hits = await searchStandards(pool, code.slice(0, length), { limit: 4 });
    const near = hits.filter((hit) => hit.match === 'code');
    if (near.length > 0) return near.map(standardTab);
  }
  return [];
}

/**
 * Adds what a button or a typed code means to the claims of a form; one that is there already is not doubled.
 * @param picked a GUID or a code in any spelling; one that means nothing adds nothing
 */
export async function addPicked(
  pool: Pool,
  alignments: DraftAlignment[] | undefined,
  picked: string,
): Promise<DraftAlignment[]> {
  const present = alignments ?? [];
  const standard = (await resolveCode(pool, picked)).find((match) => !match.retired);
  if (!standard || present.some((alignment) => alignment.guid === standard.guid)) return present;
  return [...present, { guid: standard.guid, levelId: null, relation: 'teaches' }];
}

/** The claims of a form without one standard. */
export const dropPicked = (alignments: DraftAlignment[] | undefined, guid: string): DraftAlignment[] =>
  (alignments ?? []).filter((alignment) => alignment.guid !== guid);

/** The standard and level of an empty rung that led to the share form; null where they name nothing. */
export async function standardForRung(
  pool: Pool,
  rung: { standard?: string | undefined; level?: string | undefined },
): Promise<{ tab: StandardTab; level: Level | null } | null> {
  if (!rung.standard) return null;
  const [standard] = await resolveCode(pool, rung.standard);
  if (!standard) return null;
  const { levels } = await readVocabularies(pool);
  return { tab: standardTab(standard), level: levels.find((level) => level.slug === rung.level) ?? null };
}
