import type { Pool } from 'pg';
import { catalogId } from './catalog.ts';
import { people, personIdOf, type Guarded, type PersonName } from './guarded-shelf.ts';
import { insertRows } from './insert-rows.ts';

const at = '2026-01-20T12:00:00Z';
const north = catalogId('organization', 'north');

export const flagOn = ({ id }: Guarded): string => catalogId('flag', id);
export const commentOn = ({ id }: Guarded): string => catalogId('comment', id);
export const noticeOf = (who: PersonName, { id }: Guarded): string => catalogId('notice', `${who} ${id}`);
/** A call of the state, for which everything was shared. */
export const callId = catalogId('call', 'everything');
/** A change of tags that the curator elsewhere planned while they looked after North. */
export const changeId = catalogId('tag change', 'of everything');
/** What was published once and is still there. */
const versioned = ({ state }: Guarded): boolean => !['draft', 'submitted', 'purged'].includes(state);

/**
 * What staff and authors have to do with guarded resources: each waits to be checked, is reported, talked about, taken down
 * or purged where its state says so, was shared for a call, and everybody has a notice about it and a saved search.
 */
export async function furnishRooms(pool: Pool, shelf: Guarded[]): Promise<void> {
  const insert = (table: string, rows: Record<string, unknown>[]) => insertRows(pool, table, rows);
  const names = Object.keys(people) as PersonName[];
  await pool.query(`SELECT ask_check(id, 'new', $2) FROM unnest($1::uuid[]) AS id`, [
    shelf.map(({ id }) => id),
    at,
  ]);
  const shown = shelf.filter(versioned);
  await insert(
    'flag',
    shown.map((one, index) => ({
      id: flagOn(one),
      resource_id: one.id,
      about: 'resource',
      kind: 'broken',
      note: `It says ${one.words.note}.`,
      person_id: personIdOf('owner'),
      hides: false,
      // Half of them were decided.
      ...(index % 2 === 0
        ? { state: 'open', decided_at: null, decided_by: null }
        : { state: 'nothing_wrong', decided_at: at, decided_by: personIdOf('state lead') }),
      decided_note: '',
      created_at: at,
    })),
  );
  await insert(
    'comment',
    shown.map((one) => ({
      id: commentOn(one),
      resource_id: one.id,
      person_id: personIdOf('co-author'),
      kind: 'comment',
      version: 2,
      body: `I say ${one.words.note}.`,
      created_at: at,
    })),
  );
  await insert(
    'takedown',
    shelf
      .filter(({ state }) => state === 'taken down' || state === 'purged')
      .map(({ id, state }) => ({
        id: catalogId('takedown', id),
        resource_id: id,
        kind: 'not_mine',
        reason: 'Somebody else wrote it.',
        asked_at: at,
        taken_at: at,
        taken_by: personIdOf('state lead'),
        state: state === 'purged' ? 'purged' : 'down',
        ended_at: state === 'purged' ? at : null,
        ended_by: state === 'purged' ? personIdOf('state lead') : null,
        ended_reason: '',
      })),
  );
  await insert(
    'purge',
    shelf
      .filter(({ state }) => state === 'purged')
      .map(({ id }) => ({
        resource_id: id,
        contents: [],
        words: [],
        removed: {},
        why: 'copyright',
        reason: 'It had to go.',
        asked_at: at,
        asked_by: personIdOf('state lead'),
        finished_at: at,
      })),
  );
  await insert('lesson_call', [
    {
      id: callId,
      organization_id: catalogId('organization', 'state'),
      standard_guid: shelf[0]!.standard,
      level_id: catalogId('level', 'developing'),
      words: 'Anything for this.',
      state: 'open',
      revision: 1,
      made_by: personIdOf('state curator'),
      made_at: at,
      moved_at: at,
      note: '',
    },
  ]);
  await insert(
    'call_answer',
    shelf.map(({ id }) => ({
      call_id: callId,
      resource_id: id,
      person_id: personIdOf('owner'),
      answered_at: at,
    })),
  );
  await insert('tag_change', [
    {
      id: changeId,
      person_id: personIdOf('curator elsewhere'),
      field: 'license',
      mode: 'fill',
      value: ['CC-BY-4.0'],
      state: 'planned',
      made_at: at,
      moved_at: at,
    },
  ]);
  await insert(
    'tag_change_item',
    shelf.map(({ id }) => ({
      change_id: changeId,
      resource_id: id,
      planned: 'change',
      before: [],
      after: ['CC-BY-4.0'],
    })),
  );
  await insert(
    'notice',
    names.flatMap((who) =>
      shelf.map((one) => ({
        id: noticeOf(who, one),
        person_id: personIdOf(who),
        kind: 'comment.new',
        resource_id: one.id,
        by_id: personIdOf('co-author'),
        detail: {},
        at,
      })),
    ),
  );
  await insert(
    'saved_search',
    names.map((who) => ({
      id: catalogId('saved search', who),
      person_id: personIdOf(who),
      name: 'Everything',
      address: '/search?grade=4',
      mail: 'daily',
      created_at: at,
      told_until: '2025-01-01T00:00:00Z',
    })),
  );
  await insert(
    'collection_editor',
    names
      .filter((who) => who !== 'state curator')
      .flatMap((who) =>
        shelf.map(({ id }) => ({
          collection_id: catalogId('collection', `with ${id}`),
          person_id: personIdOf(who),
          created_at: at,
        })),
      ),
  );
  await insert(
    'daily_count',
    shown.map(({ id }) => ({
      resource_id: id,
      organization_id: north,
      day: '2026-01-20',
      opened: 9,
      taken: 7,
    })),
  );
}
