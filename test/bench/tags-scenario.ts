import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { Browser } from './browser.ts';
import { untilIndexed } from './prepare-data.ts';
import { ms, table, verdict } from './report.ts';

const RESOURCES = 5000;

/** The page of tags, and one change of 5,000 resources: its preview, the change itself until search has it, its undo. */
export async function measureTags(url: string, pool: Pool): Promise<string> {
  const browser = new Browser(url);
  await browser.signIn('curator@state.example', demoSignIns.password);
  const lines: string[][] = [];
  for (const path of ['/curate/tags', '/curate/tags?what=level', '/curate/tags?what=license']) {
    await browser.get(path, { read: false });
    const { ms: taken } = await browser.get(path, { read: false });
    lines.push([path, ms(taken)]);
  }
  const { rows: chosen } = await pool.query<{ id: string }>(
    `SELECT id FROM resource WHERE state = 'published' ORDER BY id LIMIT $1`,
    [RESOURCES],
  );
  // As many as may be ticked are fewer: the change is planned in the table, like one of all that a filter means.
  const { rows: planned } = await pool.query<{ id: string }>(
    `INSERT INTO tag_change (person_id, field, mode, value)
     SELECT id, 'setting', 'replace', (SELECT to_jsonb(ARRAY[s.slug]) FROM setting s ORDER BY (SELECT count(*) FROM version v WHERE v.setting = s.slug) LIMIT 1) FROM person WHERE email = 'curator@state.example'
     RETURNING id`,
  );
  const changeId = planned[0]?.id ?? '';
  await pool.query(
    `INSERT INTO tag_change_item (change_id, resource_id, planned, before, after)
     SELECT $1, r.id, 'change', to_jsonb(v.setting), (SELECT c.value->0 FROM tag_change c WHERE c.id = $1) FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.id = ANY ($2::uuid[])`,
    [changeId, chosen.map(({ id }) => id)],
  );
  const path = `/curate/tags/changes/${changeId}`;
  for (const [move, end] of [
    ['start', 'done'],
    ['undo', 'undone'],
  ] as const) {
    const started = performance.now();
    const { status } = await browser.post(`${path}/move`, [['move', move]]);
    if (status !== 303) throw new Error(`${move} gave ${status}`);
    let looks = 0;
    const lag = watchLag(pool);
    for (;;) {
      const { rows } = await pool.query<{ state: string }>('SELECT state FROM tag_change WHERE id = $1', [
        changeId,
      ]);
      if (rows[0]?.state === end) break;
      await browser.get(path, { read: false });
      looks += 1;
      await sleep(500);
    }
    const seconds = (performance.now() - started) / 1000;
    lines.push([
      `${move} of ${RESOURCES} resources (bar: ≤ 60 s, ${verdict(seconds, 60)}; somebody looked on ${looks} times)`,
      `${seconds.toFixed(1)} s`,
    ]);
    await untilIndexed(pool, 'postgres');
    const slowest = await lag();
    lines.push(
      [`until search has all of them`, `${((performance.now() - started) / 1000).toFixed(1)} s`],
      [
        `longest from a resource's change until search has it (bar: ≤ 2 s, ${verdict(slowest, 2)})`,
        `${slowest.toFixed(1)} s`,
      ],
    );
  }
  browser.close();
  return table(['tags of many', 'took'], lines);
}

/** Looks ten times a second how long the oldest change has waited for search; the end gives the longest, in seconds. */
function watchLag(pool: Pool): () => Promise<number> {
  let going = true;
  const watching = (async () => {
    let longest = 0;
    while (going) {
      const { rows } = await pool.query<{ oldest: number | null }>(
        `SELECT extract(epoch FROM clock_timestamp() - min(marked_at))::float8 AS oldest FROM search_dirty WHERE engine = 'postgres'`,
      );
      longest = Math.max(longest, rows[0]?.oldest ?? 0);
      await sleep(100);
    }
    return longest;
  })();
  return () => {
    going = false;
    return watching;
  };
}
