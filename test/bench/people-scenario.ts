import type { Pool } from 'pg';
import { demoSignIns } from '../../server/accounts/demo-sign-ins.ts';
import { Browser, textFile } from './browser.ts';
import { ms, percentile, table, verdict } from './report.ts';

const PEOPLE = 5000;

/**
 * A list of 5,000 staff: what it would do, doing it, and the same list again; and the home page of a teacher who said
 * what they teach, beside the usual one. Leaves the invitations out again, so that no mails go out.
 */
export async function measurePeople(url: string, pool: Pool, rounds: number): Promise<string> {
  const browser = new Browser(url);
  await browser.signIn('admin@state.example', demoSignIns.password);
  const { rows } = await pool.query<{ id: string; school: string }>(
    `SELECT d.id, s.name AS school FROM organization d JOIN organization s ON s.district_id = d.id AND s.kind = 'school' ORDER BY d.slug, s.slug LIMIT 1`,
  );
  const place = rows[0];
  if (!place) throw new Error('no district has a school');
  const list = Array.from(
    { length: PEOPLE },
    (_, number) => `p${number}@list.example,Person ${number},${place.school},teacher`,
  );
  const text = `email,name,school,role\n${list.join('\n')}\n`;
  const lines: string[][] = [];
  const line = (name: string, taken: number, bar: number) =>
    lines.push([name, ms(taken), `≤ ${bar} ms, ${verdict(taken, bar)}`]);
  const first = await tryList(browser, place.id, text);
  line(`what a list of ${PEOPLE} would do`, first.ms, 5000);
  const applied = await browser.post(`${first.path}/apply`, [['digest', first.digest]]);
  if (applied.status !== 303) throw new Error(`applying gave ${applied.status}`);
  line('doing it', applied.ms, 10_000);
  const again = await tryList(browser, place.id, text);
  line('the same list again, which changes nothing', again.ms, 5000);
  if (!again.nothing) throw new Error('the same list again would change something');
  await pool.query(`DELETE FROM invitation WHERE email LIKE '%@list.example'`);
  const usual = await home(browser, rounds);
  await browser.post('/account/profile', [
    ['name', 'Imani Brooks'],
    ['subject', 'mathematics'],
    ['grade', '4'],
  ]);
  const taught = await home(browser, rounds);
  lines.push(['home page, p95', ms(usual), '–']);
  line('home page that begins with what somebody teaches, p95', taught, Math.ceil(usual * 1.5));
  browser.close();
  return table(['people', 'ms', 'bar'], lines);
}

async function tryList(
  browser: Browser,
  organizationId: string,
  text: string,
): Promise<{ path: string; digest: string; nothing: boolean; ms: number }> {
  const answer = await browser.sendFile(
    '/admin/people/import',
    [['organization', organizationId]],
    textFile('staff.csv', 'text/csv', text),
  );
  if (answer.status !== 303 || answer.location === null) throw new Error(`the list gave ${answer.status}`);
  const page = await browser.get(answer.location);
  const digest = /name="digest" value="(\w+)"/.exec(page.body)?.[1] ?? '';
  const nothing = ['invite', 'change'].every((word) => page.body.includes(`to ${word}</a></dt><dd>0</dd>`));
  return { path: answer.location, digest, nothing, ms: answer.ms + page.ms };
}

async function home(browser: Browser, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds * 5; round += 1) {
    const { status, ms: taken } = await browser.get('/', { read: false });
    if (status !== 200) throw new Error(`the home page gave ${status}`);
    if (round > 0) times.push(taken);
  }
  return percentile(times, 95);
}
