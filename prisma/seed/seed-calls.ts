import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { answerCall, expireCalls } from '../../server/curation/call-jobs.ts';
import { makeCall, moveCallByStaff } from '../../server/curation/call-service.ts';
import type { Deps } from '../../server/deps.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { mondayOf } from '../../server/search/search-statistics.ts';

const DAY = 86_400_000;

interface SeededCall {
  code: string;
  level: string | null;
  by: 'curator@state.example' | 'curator@north.example';
  words: string;
  /** Last day, counted from today. */
  days: number | null;
  end?: 'answered' | 'accept' | 'close' | 'expire';
  note?: string;
}

const calls: SeededCall[] = [
  {
    code: 'DS.MATH.3.MD.1',
    level: 'emerging',
    by: 'curator@state.example',
    words:
      'Something for students who still read the clock hand by hand: a big picture clock, five-minute jumps, and a page that can be cut up. No worksheets of twenty clocks, please.',
    days: 60,
  },
  {
    code: 'DS.ELA.4.RL.6',
    level: 'developing',
    by: 'curator@state.example',
    words:
      'Two short tellings of one story, one by somebody in it and one by somebody outside, with a place to mark who knows what.',
    days: 90,
  },
  { code: 'DS.ELA.4.SL.4', level: 'proficient', by: 'curator@state.example', words: '', days: null },
  {
    code: 'DS.ELA.2.RF.4',
    level: 'emerging',
    by: 'curator@north.example',
    words: 'Our second-grade teams want texts to read aloud in pairs about places in our own district.',
    days: 45,
  },
  {
    code: 'DS.MATH.3.MD.2',
    level: 'developing',
    by: 'curator@state.example',
    words: 'Weighing and pouring with things that every classroom has.',
    days: 30,
    end: 'answered',
  },
  {
    code: 'DS.ELA.4.RL.2',
    level: 'extending',
    by: 'curator@state.example',
    words: 'Themes across two folk tales from different parts of the world.',
    days: 20,
    end: 'accept',
    note: 'Just what was missing.',
  },
  {
    code: 'DS.ELA.4.W.2',
    level: 'emerging',
    by: 'curator@state.example',
    words: 'A first explanation in four sentences.',
    days: null,
    end: 'close',
    note: 'The writing team makes these itself in spring.',
  },
  {
    code: 'DS.ELA.3.L.4',
    level: 'emerging',
    by: 'curator@state.example',
    words: 'Word families for readers who are new to English.',
    days: 0,
    end: 'expire',
  },
];

/** Searches that found nothing: code, level, how often, weeks ago. */
const vain: [code: string, level: string | null, times: number, weeks: number][] = [
  ['DS.MATH.3.MD.1', 'emerging', 22, 1],
  ['DS.MATH.3.MD.1', 'extending', 6, 2],
  ['DS.MATH.4.NF.2', 'extending', 17, 1],
  ['DS.ELA.4.RL.6', 'developing', 11, 3],
  ['DS.ELA.4.SL.4', null, 5, 2],
];

const asks: [email: string, code: string, level: string, note: string][] = [
  [
    'teacher@south.example',
    'DS.MATH.3.MD.1',
    'extending',
    'Elapsed time over midnight, for two students who are far ahead.',
  ],
  [
    'teacher@north.example',
    'DS.ELA.4.RL.1',
    'extending',
    'Quoting from a poem that does not say what it means.',
  ],
];

/**
 * Calls for lessons in every state, and what people looked for in vain. Nothing where the demo's standards or people
 * are others.
 */
export async function seedCalls(deps: Deps): Promise<void> {
  const { pool } = deps;
  const { rows } = await pool.query<{ code: string; guid: string }>(
    `SELECT s.code, s.guid FROM standard s JOIN framework f ON f.guid = s.framework_guid AND f.is_state_own WHERE s.code = ANY ($1::text[])`,
    [[...calls.map(({ code }) => code), ...vain.map(([code]) => code), ...asks.map(([, code]) => code)]],
  );
  const guids = new Map(rows.map(({ code, guid }) => [code, guid]));
  for (const call of calls) await seedCall(deps, call, guids.get(call.code));
  for (const [code, level, times, weeks] of vain) {
    const address = addressOf(guids.get(code), level);
    if (address !== null)
      await pool.query(
        `INSERT INTO search_statistic (week, district_id, address, words, searches, empty)
         SELECT $1, o.id, $2, '', $3, $3 FROM organization o WHERE o.slug = 'south' ON CONFLICT DO NOTHING`,
        [mondayOf(new Date(deps.clock.now().getTime() - weeks * 7 * DAY)), address, times],
      );
  }
  for (const [email, code, level, note] of asks) {
    const address = addressOf(guids.get(code), level);
    if (address !== null)
      await pool.query(
        `INSERT INTO search_ask (person_id, address, words, note) SELECT id, $2, '', $3 FROM person WHERE email = $1`,
        [email, address, note],
      );
  }
}

const addressOf = (guid: string | undefined, level: string | null): string | null =>
  guid === undefined ? null : `/search?${level === null ? '' : `level=${level}&`}standard=${guid}`;

async function seedCall(deps: Deps, call: SeededCall, standardGuid: string | undefined): Promise<void> {
  const { pool, clock } = deps;
  const account = await accountByEmail(pool, call.by);
  const organizationId = account?.viewer.grants.find(({ role }) => role === 'curator')?.organizationId;
  if (!account || organizationId === undefined || standardGuid === undefined) return;
  const { rows: levels } = await pool.query<{ id: string }>(
    'SELECT id FROM competency_level WHERE slug = $1',
    [call.level],
  );
  const callId = await makeCall(
    deps,
    account.viewer,
    {
      organizationId,
      standardGuid,
      levelId: levels[0]?.id ?? null,
      words: call.words,
      closesOn:
        call.days === null
          ? null
          : new Date(clock.now().getTime() + call.days * DAY).toISOString().slice(0, 10),
      askId: null,
    },
    noOrigin,
  );
  if (call.end === 'answered' || call.end === 'accept') await seedAnswer(deps, callId);
  if (call.end === 'accept' || call.end === 'close') {
    const { rows } = await pool.query<{ revision: number }>(
      'SELECT revision FROM lesson_call WHERE id = $1',
      [callId],
    );
    const [now] = rows;
    const move = { callId, revision: now?.revision ?? 1, move: call.end, note: call.note ?? '' };
    if (now) await moveCallByStaff(deps, account.viewer, move, noOrigin);
  }
  if (call.end === 'expire')
    await expireCalls({ pool, clock: { now: () => new Date(clock.now().getTime() + 2 * DAY) } });
}

/** The resource that stands on the rung was shared for the call. */
async function seedAnswer(deps: Deps, callId: string): Promise<void> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `UPDATE resource SET answers_call = $1 WHERE id = (
       SELECT r.id FROM lesson_call c JOIN alignment a ON a.standard_guid = c.standard_guid AND a.level_id = c.level_id AND a.to_version IS NULL
         JOIN resource r ON r.id = a.resource_id AND r.state = 'published' AND r.visibility = 'public'
       WHERE c.id = $1 ORDER BY r.id LIMIT 1) RETURNING id`,
    [callId],
  );
  const [resource] = rows;
  if (resource) await answerCall(deps, resource.id);
}
