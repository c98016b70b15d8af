import type { AdminPage } from '../accounts/account-view.ts';
import type { Config } from '../config.ts';
import type { DiskRoom } from '../files/disk-room.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import type { EngineHealth } from '../search/index-queue.ts';
import type { AdminFacts } from './admin-queries.ts';

type Part = AdminPage['health'][number];
type Words = { t: Translate; fmt: Format };

/** Work that has been due for so long means that nobody does it. */
const patienceSeconds = 5 * 60;
/** What was found out, as the table "How it runs". */
export function adminHealth(
  found: {
    facts: AdminFacts;
    search: EngineHealth[];
    /** The engine that should answer. */
    firstEngine: string;
    /** It answers and takes no changes, so the other one stands in. */
    behind: boolean;
    /** Undefined where none is set up. */
    scannerAnswers: boolean | undefined;
    room: DiskRoom;
    mail: Pick<Config, 'smtpUrl'>;
  },
  words: Words,
): AdminPage['health'] {
  const { facts } = found;
  return [
    database(facts, words),
    search(found.search, found, words),
    jobs(facts.jobs, words),
    scanner(found.scannerAnswers, facts.heldBack, words),
    mail(found.mail, words),
    files(found.room, words),
  ];
}

const database = ({ version, databaseBytes }: AdminFacts, { t, fmt }: Words): Part => ({
  name: 'database',
  ok: true,
  note: t('admin.note.database', {
    version: version.split(' ')[0] ?? version,
    size: fmt.bytes(databaseBytes),
  }),
});

function search(
  engines: EngineHealth[],
  { firstEngine: first, behind }: { firstEngine: string; behind: boolean },
  { t }: Words,
): Part {
  const sentence = (health: EngineHealth): string => {
    const engine = t(`admin.engine.${health.engine}`);
    if (health.downSince) return t('admin.note.engineAway', { engine });
    if (behind && health.engine === first)
      return t('admin.note.engineBehind', { engine, count: health.waiting });
    if (!health.built)
      return t('admin.note.engineBuilding', {
        engine,
        done: health.rebuild.done,
        total: health.rebuild.total,
      });
    if (health.waiting === 0) return t('admin.note.engineReady', { engine });
    const minutes = Math.max(1, Math.ceil(health.oldestSeconds / 60));
    const waits = t('admin.note.engineWaiting', { engine, count: health.waiting, minutes });
    return health.failing > 0
      ? `${waits} ${t('admin.note.engineFailing', { count: health.failing })}`
      : waits;
  };
  const shown = engines.filter(({ engine }) => engine === first || engine === 'postgres');
  const main = shown.find(({ engine }) => engine === first);
  return {
    name: 'search',
    ok:
      main !== undefined &&
      !behind &&
      shown.every(
        (one) => !one.downSince && one.built && one.failing === 0 && one.oldestSeconds < patienceSeconds,
      ),
    note: main ? shown.map(sentence).join(' ') : t('admin.note.noIndexer'),
  };
}

function jobs({ waiting, oldestSeconds, failed, retrying }: AdminFacts['jobs'], { t }: Words): Part {
  const late = oldestSeconds >= patienceSeconds;
  return {
    name: 'jobs',
    ok: failed === 0 && !late,
    note: [
      waiting === 0
        ? t('admin.note.noJobs')
        : t('admin.note.jobs', { count: waiting, minutes: Math.ceil(oldestSeconds / 60) }),
      ...(late ? [t('admin.note.noWorker')] : []),
      ...(retrying > 0 ? [t('admin.note.jobsRetrying', { count: retrying })] : []),
      ...(failed > 0 ? [t('admin.note.jobsFailed', { count: failed })] : []),
    ].join(' '),
  };
}

function scanner(answers: boolean | undefined, heldBack: number, { t }: Words): Part {
  const state =
    answers === undefined
      ? t('admin.note.noScanner')
      : t(answers ? 'admin.note.scanner' : 'admin.note.scannerAway');
  return {
    name: 'scanner',
    ok: answers === true && heldBack === 0,
    note: heldBack > 0 ? `${state} ${t('admin.note.heldBack', { count: heldBack })}` : state,
  };
}

/** Where mails go. Whether the server takes them is seen by the jobs that send them. */
const mail = ({ smtpUrl }: Pick<Config, 'smtpUrl'>, { t }: Words): Part => ({
  name: 'mail',
  ok: smtpUrl !== undefined,
  note:
    smtpUrl === undefined
      ? t('admin.note.noMail')
      : t('admin.note.mail', { host: new URL(smtpUrl).hostname }),
});

/** What a new portal still needs before people can work with it; nothing once all of it is done. */
export function setupSteps({
  counts,
  listsEmpty,
  mailServer,
}: {
  counts: AdminPage['counts'];
  listsEmpty: boolean;
  /** Mails reach people, or needn't (in the demo). */
  mailServer: boolean;
}): AdminPage['steps'] {
  const steps: AdminPage['steps'] = [
    { name: 'lists', done: !listsEmpty, url: '/admin/subjects' },
    { name: 'district', done: counts.districts > 0, url: '/admin/organizations' },
    { name: 'standards', done: counts.standards > 0, url: '/admin/frameworks' },
    { name: 'mail', done: mailServer, url: null },
    { name: 'people', done: counts.people > 1, url: '/admin/people/invitations' },
  ];
  return steps.some(({ done }) => !done) ? steps : [];
}

const files = ({ free, total, full, open }: DiskRoom, { t, fmt }: Words): Part => ({
  name: 'files',
  ok: open,
  note: t(open ? 'admin.note.files' : 'admin.note.filesFull', {
    free: fmt.bytes(free),
    total: fmt.bytes(total),
    percent: Math.round(full * 100),
  }),
});
