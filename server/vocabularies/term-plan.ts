import { conflict, invalid, notFound } from '../errors.ts';
import {
  rememberFormer,
  replaceInTagChanges,
  stampOf,
  touchedBy,
  type ChangePlan,
  type Client,
} from './vocabulary-change.ts';
import type { TermChange } from './vocabulary-schema.ts';

/** The flat lists, and what is particular about each. */
export const TERM_LISTS = {
  subject: {
    path: 'subjects',
    table: 'subject',
    uses: 'SELECT version_id FROM version_subject WHERE subject = $1',
    /** Whether its name is among the words of a resource in the index. */
    searched: true,
  },
  type: {
    path: 'types',
    table: 'resource_type',
    uses: 'SELECT id AS version_id FROM version WHERE type = $1',
    searched: true,
  },
  setting: {
    path: 'settings',
    table: 'setting',
    uses: 'SELECT id AS version_id FROM version WHERE setting = $1',
    searched: false,
  },
} as const;
export type TermKind = keyof typeof TERM_LISTS;

/** The search for everything that has a value. */
export const searchUrl = (kind: TermKind, slug: string): string => `/search?${kind}=${slug}`;

/** A value of a flat list. */
export interface TermState {
  slug: string;
  name: string;
  retired: boolean;
}

/** A value of a list, or undefined. */
export async function findTerm(client: Client, kind: TermKind, slug: string): Promise<TermState | undefined> {
  const { rows } = await client.query<TermState>(
    `SELECT slug, name, retired_at IS NOT NULL AS retired FROM ${TERM_LISTS[kind].table} WHERE slug = $1`,
    [slug],
  );
  return rows[0];
}

/**
 * What a change of a subject, kind or setting does; nothing is changed yet.
 * @throws 404; 409 when the value that it goes into is gone; 422 when it can't be done
 */
export async function planTerm(
  client: Client,
  kind: TermKind,
  slug: string,
  change: TermChange,
): Promise<ChangePlan> {
  const { table, uses } = TERM_LISTS[kind];
  const term = await findTerm(client, kind, slug);
  if (!term) throw notFound('vocabulary.gone');
  const touched = await touchedBy(client, uses, slug);
  const base = { kind, target: slug, name: term.name, touched, seen: stampOf(term) };
  const after = { name: term.name, leads: null, below: 0, alike: [] };
  const mark = (tx: Client, how: number) => markUsers(tx, kind, slug, how);

  switch (change.what) {
    case 'rename': {
      await refuseTaken(client, kind, change.name, slug);
      return {
        ...base,
        after: { ...after, name: change.name },
        action: 'renamed',
        detail: { before: term.name, after: change.name, resources: touched.shelf },
        apply: async (tx, how) => {
          await rememberFormer(tx, kind, [term.name], { was: slug, value: slug });
          await tx.query(`UPDATE ${table} SET name = $2 WHERE slug = $1`, [slug, change.name]);
          if (TERM_LISTS[kind].searched) await mark(tx, how);
        },
      };
    }
    case 'retire':
    case 'offer': {
      const retires = change.what === 'retire';
      if (term.retired === retires)
        throw invalid({
          field: 'what',
          key: retires ? 'vocabulary.fault.retired' : 'vocabulary.fault.offered',
        });
      return {
        ...base,
        after,
        action: retires ? 'retired' : 'offered',
        detail: { name: term.name, resources: touched.shelf },
        // Nothing about the resources changes, so nothing is marked.
        apply: async (tx) =>
          void (await tx.query(
            `UPDATE ${table} SET retired_at = CASE WHEN $2 THEN now() END WHERE slug = $1`,
            [slug, retires],
          )),
      };
    }
    case 'remove': {
      if (touched.all > 0) throw invalid({ field: 'what', key: 'vocabulary.fault.used' });
      if (await isNamed(client, kind, slug)) throw invalid({ field: 'what', key: 'vocabulary.fault.named' });
      return {
        ...base,
        after: { ...after, name: '' },
        action: 'removed',
        detail: { name: term.name },
        apply: async (tx) => {
          await tx.query('DELETE FROM former_term WHERE kind = $1 AND value = $2', [kind, slug]);
          await tx.query(`DELETE FROM ${table} WHERE slug = $1`, [slug]);
        },
      };
    }
    case 'merge': {
      if (change.into === slug) throw invalid({ field: 'into', key: 'vocabulary.fault.itself' });
      const other = await findTerm(client, kind, change.into);
      if (!other) throw conflict('vocabulary.gone');
      return {
        ...base,
        seen: stampOf([term, other]),
        after: {
          ...after,
          name: other.name,
          leads: {
            from: searchUrl(kind, slug),
            to: searchUrl(kind, other.slug),
          },
        },
        action: 'merged',
        detail: { from: term.name, slug, into: other.name, intoId: other.slug, resources: touched.shelf },
        apply: async (tx, how) => {
          await rememberFormer(tx, kind, [slug, term.name], { was: slug, value: other.slug });
          await mark(tx, how);
          await mergeTerm(tx, kind, slug, other.slug);
        },
      };
    }
  }
}

/** Refuses a name that another value of the list has. */
export async function refuseTaken(client: Client, kind: TermKind, name: string, but: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT 1 FROM ${TERM_LISTS[kind].table} WHERE plain(name) = plain($1) AND slug <> $2`,
    [name, but],
  );
  if (rows.length > 0) throw invalid({ field: 'name', key: 'vocabulary.fault.taken' });
}

async function isNamed(client: Client, kind: TermKind, slug: string): Promise<boolean> {
  if (kind !== 'subject') return false;
  const { rows } = await client.query(
    `SELECT 1 FROM topic WHERE subject_slug = $1 UNION ALL SELECT 1 FROM framework WHERE subject_slug = $1
     UNION ALL SELECT 1 FROM person_subject WHERE subject_slug = $1 LIMIT 1`,
    [slug],
  );
  return rows.length > 0;
}

async function markUsers(client: Client, kind: TermKind, slug: string, how: number): Promise<void> {
  await client.query(
    `SELECT mark_dirty(ARRAY(SELECT r.id FROM (${TERM_LISTS[kind].uses}) x JOIN resource r ON r.current_version_id = x.version_id WHERE r.state = 'published'), $2::smallint)`,
    [slug, how],
  );
}

async function mergeTerm(client: Client, kind: TermKind, slug: string, into: string): Promise<void> {
  const { table } = TERM_LISTS[kind];
  await moveUses(client, kind, slug, into);
  await replaceInTagChanges(client, kind, slug, into);
  await client.query(`SELECT 1 FROM ${table} WHERE slug = $1 FOR UPDATE`, [slug]);
  await moveUses(client, kind, slug, into);
  await client.query(`DELETE FROM ${table} WHERE slug = $1`, [slug]);
}

async function moveUses(client: Client, kind: TermKind, slug: string, into: string): Promise<void> {
  if (kind !== 'subject') {
    await client.query(`UPDATE version SET ${kind} = $2 WHERE ${kind} = $1`, [slug, into]);
    return;
  }
  await client.query(
    `WITH gone AS (DELETE FROM version_subject WHERE subject = $1 RETURNING version_id, position)
     INSERT INTO version_subject (version_id, subject, position) SELECT version_id, $2, position FROM gone ON CONFLICT DO NOTHING`,
    [slug, into],
  );
  await client.query('UPDATE framework SET subject_slug = $2 WHERE subject_slug = $1', [slug, into]);
  await client.query('UPDATE topic SET subject_slug = $2 WHERE subject_slug = $1', [slug, into]);
  // Whoever teaches it teaches the other one; the old rows go with the subject.
  await client.query(
    `INSERT INTO person_subject (person_id, subject_slug) SELECT person_id, $2 FROM person_subject WHERE subject_slug = $1
     ON CONFLICT DO NOTHING`,
    [slug, into],
  );
  // Numbers by month add up; the people behind them are counted anew by the next job.
  await client.query(
    `WITH gone AS (DELETE FROM reuse_month WHERE kind = 'subject' AND key = $1 RETURNING *)
     INSERT INTO reuse_month AS m (month, kind, key, place, opened, taken, used, adapted)
     SELECT month, kind, $2, place, opened, taken, used, adapted FROM gone
     ON CONFLICT (kind, month, key, place) DO UPDATE SET opened = m.opened + excluded.opened, taken = m.taken + excluded.taken,
       used = m.used + excluded.used, adapted = m.adapted + excluded.adapted`,
    [slug, into],
  );
  await client.query(`DELETE FROM reuse_people WHERE kind = 'subject' AND key = $1`, [slug]);
}
