import { beforeAll, describe, expect, it } from 'vitest';
import { loadForCheck } from '../../server/curation/check-facts-queries.ts';
import {
  checkMoves,
  moveCheck,
  type CheckMove,
  type CheckPart,
} from '../../server/curation/check-machine.ts';
import { claimsOf } from '../../server/curation/claim-queries.ts';
import { decideCheck, seenToken } from '../../server/curation/decide-service.ts';
import { assignCheck, handBack, takeCheck } from '../../server/curation/lease-service.ts';
import { queueQuery } from '../../server/curation/queue-schema.ts';
import { answerCheck, askForCheck, disputeCheck } from '../../server/curation/thread-service.ts';
import { PortalError } from '../../server/errors.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import type { Grant, Role, Viewer } from '../../server/lib/viewer.ts';
import type { CheckStatus } from '../../server/resources/resource-view.ts';
import { catalogId } from '../support/catalog.ts';
import { testDatabase } from '../support/database.ts';
import { insertShelf, personIdOf, planShelf, seedPeople } from '../support/guarded-shelf.ts';

const { pool } = await testDatabase();
const clock = { now: () => new Date() };
const deps = { pool, clock };
const shelf = planShelf('checks');
const one = shelf.find(({ name }) => name === 'published, for public')!;

const grant = (role: Role, kind: Grant['kind'], place: string): Grant => ({
  role,
  kind,
  organizationId: catalogId('organization', place),
  districtId: kind === 'state' ? null : catalogId('organization', place === 'south' ? 'south' : 'north'),
});
const person = (id: string, grants: Grant[]): Viewer & { id: string } => ({
  id,
  name: id,
  email: '',
  organizationId: catalogId('organization', 'north'),
  organizationName: '',
  districtId: catalogId('organization', 'north'),
  grants,
});

/** Everyone who may come by. Ids are of people in the database, for what is written about them. */
const people = {
  author: person(personIdOf('owner'), [grant('teacher', 'school', 'north-elementary')]),
  'author who is a state lead': person(personIdOf('co-author'), [grant('lead', 'state', 'state')]),
  'teacher of the school': person(personIdOf('teacher of the school'), [
    grant('teacher', 'school', 'north-elementary'),
  ]),
  'curator of the school': person(personIdOf('teacher of the district'), [
    grant('curator', 'school', 'north-elementary'),
  ]),
  'curator of the district': person(personIdOf('curator of the district'), [
    grant('curator', 'district', 'north'),
  ]),
  'lead of the district': person(personIdOf('importer of the district'), [
    grant('lead', 'district', 'north'),
  ]),
  'curator of another district': person(personIdOf('curator elsewhere'), [
    grant('curator', 'district', 'south'),
  ]),
  'state curator': person(personIdOf('state curator'), [grant('curator', 'state', 'state')]),
  'state lead': person(personIdOf('state lead'), [grant('lead', 'state', 'state')]),
  'state administrator': person(personIdOf('state administrator'), [grant('admin', 'state', 'state')]),
};
type Who = keyof typeof people;
const everyone = Object.keys(people) as Who[];
const states: CheckStatus[] = ['claimed', 'in_check', 'checked', 'returned', 'disputed'];
type By = 'nobody' | 'district' | 'state';
type Standing = { state: CheckStatus; by: By };
/** A claimed one was decided by nobody, or about the version before by somebody. */
const standings: Standing[] = states.flatMap((state) =>
  (state === 'claimed' || state === 'in_check'
    ? (['nobody', 'state'] as const)
    : (['district', 'state'] as const)
  ).map((by): Standing => ({ state, by })),
);

const districtStaff: Who[] = ['curator of the district', 'lead of the district'];
const stateStaff: Who[] = ['state curator', 'state lead'];
const leads: Who[] = ['lead of the district', 'state lead'];
const authors: Who[] = ['author', 'author who is a state lead'];
const decided = ({ state }: Standing): boolean => ['checked', 'returned', 'disputed'].includes(state);

/** Who decides. Read it as the policy. */
const decides = (who: Who, standing: Standing): boolean => {
  if (!districtStaff.includes(who) && !stateStaff.includes(who)) return false;
  if (districtStaff.includes(who) && standing.by === 'state' && decided(standing)) return false;
  return standing.state !== 'disputed' || leads.includes(who);
};
const talks = (who: Who): boolean => [...authors, ...districtStaff, ...stateStaff].includes(who);
const disputes = (who: Who, { state }: Standing): boolean =>
  (state === 'checked' || state === 'returned') && talks(who);

/** The state that each action leaves behind for whoever may do it. */
const actions: Record<
  string,
  {
    do: (who: Viewer & { id: string }) => Promise<unknown>;
    may: (who: Who, at: Standing) => boolean;
    leaves: (at: Standing) => CheckStatus;
  }
> = {
  'take it': {
    do: (who) => takeCheck(deps, who, one.id, noOrigin),
    may: decides,
    leaves: ({ state }) => (state === 'claimed' ? 'in_check' : state),
  },
  'check it': { do: (who) => decide(who, 'checked'), may: decides, leaves: () => 'checked' },
  'send it back': { do: (who) => decide(who, 'returned'), may: decides, leaves: () => 'returned' },
  'withdraw it': {
    do: (who) => decide(who, 'withdrawn'),
    may: decides,
    leaves: ({ state }) => (state === 'in_check' ? 'claimed' : state),
  },
  'give it to somebody': {
    do: (who) => assignCheck(deps, who, { resourceId: one.id, to: people['state lead'].id }, noOrigin),
    may: (who) => [...districtStaff, ...stateStaff, 'author who is a state lead'].includes(who),
    leaves: ({ state }) => state,
  },
  'hand back what is theirs': {
    do: async (who) => {
      await pool.query('UPDATE check_wait SET assigned_to = $2 WHERE resource_id = $1', [one.id, who.id]);
      await handBack(deps, who, one.id, noOrigin);
    },
    may: (who) => [...districtStaff, ...stateStaff, 'author who is a state lead'].includes(who),
    leaves: ({ state }) => (state === 'in_check' ? 'claimed' : state),
  },
  'say something': {
    do: (who) => answerCheck(deps, who, { resourceId: one.id, text: 'Hm.' }, noOrigin),
    may: (who) => talks(who),
    leaves: ({ state }) => state,
  },
  'ask for a check': {
    do: (who) => askForCheck(deps, who, { resourceId: one.id, text: '' }, noOrigin),
    may: (who) => talks(who),
    leaves: ({ state }) => state,
  },
  'dispute it': {
    do: (who) => disputeCheck(deps, who, { resourceId: one.id, text: 'No.' }, noOrigin),
    may: disputes,
    leaves: () => 'disputed',
  },
};

async function decide(who: Viewer & { id: string }, outcome: 'checked' | 'returned' | 'withdrawn') {
  const resource = await loadForCheck(pool, who, one.id, { now: clock.now() });
  const claims = await claimsOf(pool, resource, null);
  const body = { note: 'Because.', ...Object.fromEntries(claims.map(({ id }) => [`fit-${id}`, 'full'])) };
  await decideCheck(
    deps,
    who,
    {
      resourceId: one.id,
      seen: seenToken(resource),
      seenCheck: resource.lastCheckId ?? '',
      outcome,
      body,
      back: queueQuery.parse({}),
    },
    noOrigin,
  );
}

async function set({ state, by }: Standing): Promise<void> {
  await pool.query('DELETE FROM resource_check WHERE resource_id = $1', [one.id]);
  await pool.query('DELETE FROM check_message WHERE resource_id = $1', [one.id]);
  await pool.query(
    `UPDATE resource SET state = 'published', withdrawn_at = NULL, withdrawn_reason = NULL, check_state = $2, checked_for = $3, checked_by = $4 WHERE id = $1`,
    [
      one.id,
      state,
      by === 'nobody' ? null : catalogId('organization', by === 'state' ? 'state' : 'north'),
      by === 'nobody' ? null : personIdOf('teacher elsewhere'),
    ],
  );
  await pool.query(
    `UPDATE alignment SET check_state = 'claimed', fit = NULL, checked_for = NULL WHERE resource_id = $1`,
    [one.id],
  );
  await pool.query(
    `INSERT INTO check_wait (resource_id, whys) VALUES ($1, '{new}') ON CONFLICT (resource_id) DO UPDATE SET held_by = NULL, held_until = NULL, assigned_to = NULL, whys = '{new}'`,
    [one.id],
  );
}
const stateNow = async (): Promise<string> =>
  (await pool.query<{ check_state: string }>('SELECT check_state FROM resource WHERE id = $1', [one.id]))
    .rows[0]!.check_state;

beforeAll(async () => {
  await seedPeople(pool);
  await insertShelf(pool, shelf);
});

describe.each(Object.keys(actions))('who may %s', (name) => {
  const action = actions[name]!;
  it.each(everyone)('%s: as the policy says, in every state', async (who) => {
    const wrong: string[] = [];
    for (const standing of standings) {
      await set(standing);
      const refused = await action.do(people[who]).then(
        () => false,
        (error: unknown) => {
          if (error instanceof PortalError && [403, 404, 409].includes(error.status)) return true;
          throw error;
        },
      );
      const may = action.may(who, standing);
      const at = `${standing.state}, decided by ${standing.by}`;
      if (refused === may) wrong.push(`${at}: ${refused ? 'refused' : 'let through'}`);
      const expected = may ? action.leaves(standing) : standing.state;
      const found = await stateNow();
      if (found !== expected) wrong.push(`${at}: is ${found}, not ${expected}`);
    }
    expect(wrong).toEqual([]);
  });
});

it('every move begins and ends where the table of moves says, and for nobody else', () => {
  const parts: CheckPart[] = ['curator', 'lead', 'author', 'portal'];
  const made = (Object.keys(checkMoves) as CheckMove[]).flatMap((move) =>
    states.flatMap((state) =>
      parts.flatMap((part) => (moveCheck(state, move, part) ? [`${part} ${move} ${state}`] : [])),
    ),
  );
  expect(made.filter((text) => text.startsWith('author '))).toEqual([
    'author dispute checked',
    'author dispute returned',
  ]);
  expect(made.filter((text) => text.endsWith(' disputed'))).toEqual([
    'lead settleChecked disputed',
    'lead settleReturned disputed',
  ]);
  expect(made).toHaveLength(32);
});
