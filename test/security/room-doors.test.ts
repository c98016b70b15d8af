import { load } from 'cheerio';
import { describe, expect, it, vi } from 'vitest';
import { sendNoticeDigest } from '../../server/notices/notice-digest.ts';
import type { Message } from '../../server/platform/mailer.ts';
import { sendSearchDigest } from '../../server/search/search-digest.ts';
import { callId, changeId, commentOn, flagOn, furnishRooms, noticeOf } from '../support/guarded-rooms.ts';
import {
  collectionWith,
  personIdOf,
  ruleWith,
  type Guarded,
  type SecretWords,
} from '../support/guarded-shelf.ts';
import { routesOf } from '../support/routes.ts';
import { guardedPortal, inParallel, type AlsoReads, type Answer } from './guarded-portal.ts';
import { doorsWithoutResources, importDoors, shelfDoors } from './known-doors.ts';
import { everyone, isSignedIn, sees, type Who } from './policy-table.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

// The rooms of staff and authors, feeds, mails and what else was built behind the shelf: the doors that doors.test.ts
// has not. Both read one table, policy-table.ts; what a room shows beyond it stands here, as `also`.
const portal = await guardedPortal('rooms', ({ deps, shelf }) => furnishRooms(deps.pool, shelf));
const { shelf, open, leaksIn, deps, asked, app } = portal;

/** Staff over the school that the resources belong to. */
const staffOver: Who[] = ['curator of the district', 'state curator', 'state lead', 'state administrator'];
/** Staff of any district or of the state. */
const staff: Who[] = [...staffOver, 'curator elsewhere'];
const purgers: Who[] = ['state lead', 'state administrator'];
const importers: Who[] = ['importer of the district', 'state administrator'];

const found = (yes: boolean): number => (yes ? 200 : 404);
const one = (yes: boolean): number => (yes ? 1 : 0);
const forSignedIn = (who: Who, status: number): number => (isSignedIn(who) ? status : 303);
const forStaff = (who: Who, status: number): number => forSignedIn(who, staff.includes(who) ? status : 403);

/** Staff learn of what they look after what it is called and what was said about it, whatever became of it. */
const staffLearn =
  (...kinds: (keyof SecretWords)[]): AlsoReads =>
  (who, it, kind) =>
    staffOver.includes(who) && kinds.includes(kind) && !['draft', 'purged'].includes(it.state);

interface Door {
  path: (one: Guarded, who: Who) => string;
  of?: (one: Guarded) => boolean;
  status: (who: Who, one: Guarded) => number;
  shows?: (who: Who, one: Guarded) => (keyof SecretWords)[];
  also?: AlsoReads;
}
const wasPublished = ({ state }: Guarded): boolean => !['draft', 'submitted', 'purged'].includes(state);
/** For doors that only pass on what others decide: a school's resource in each state, and a public one. */
const inEachState = ({ visibility, state }: Guarded): boolean =>
  visibility === 'school' || (visibility === 'public' && state === 'published');
const title = (yes: boolean): (keyof SecretWords)[] => (yes ? ['title'] : []);

const doors: Record<string, Door> = {
  'the form that adds it to a collection': {
    path: ({ id }) => `/resources/${id}/add`,
    status: (who, it) => forSignedIn(who, found(sees(who, it))),
    shows: (who, it) => title(isSignedIn(who) && sees(who, it)),
  },
  'the form that reports it': {
    path: ({ id }) => `/resources/${id}/flag`,
    status: (who, it) => found(sees(who, it)),
    shows: (who, it) => title(sees(who, it)),
  },
  'the thanks for reporting it': {
    of: inEachState,
    path: ({ id }) => `/flags/thanks?resource=${id}`,
    status: () => 200,
    shows: (who, it) => title(sees(who, it)),
  },
  'the form that changes what was said about it': {
    of: wasPublished,
    path: (it) => `/voices/${commentOn(it)}/edit`,
    status: (who, it) => forSignedIn(who, sees(who, it) ? (who === 'co-author' ? 200 : 403) : 404),
  },
  'the form that removes what was said about it': {
    of: wasPublished,
    path: (it) => `/voices/${commentOn(it)}/remove`,
    status: (who, it) => forSignedIn(who, sees(who, it) ? (staffOver.includes(who) ? 200 : 403) : 404),
  },
  'the form that reports what was said about it': {
    of: wasPublished,
    path: (it) => `/voices/${commentOn(it)}/flag`,
    status: (who, it) => forSignedIn(who, sees(who, it) ? (who === 'co-author' ? 403 : 200) : 404),
    shows: (who, it) => (isSignedIn(who) && sees(who, it) && who !== 'co-author' ? ['note'] : []),
  },
  'what was reported of it': {
    of: wasPublished,
    path: (it) => `/curate/flags/${flagOn(it)}`,
    status: (who) => forStaff(who, found(staffOver.includes(who))),
    shows: (who) => (staffOver.includes(who) ? ['title', 'note'] : []),
    also: staffLearn('title', 'note'),
  },
  'the question before it is destroyed': {
    path: ({ id }) => `/curate/purges/${id}`,
    status: (who, it) => forSignedIn(who, purgers.includes(who) ? found(it.state !== 'purged') : 403),
    shows: (who, it) => title(purgers.includes(who) && it.state !== 'purged'),
    // Student data may stand in a draft too.
    also: (who, it, kind) => purgers.includes(who) && kind === 'title' && it.state !== 'purged',
  },
  'a notice about it': {
    path: (it, who) => `/notices/${noticeOf(isSignedIn(who) ? who : 'owner', it)}`,
    status: (who, it) => (isSignedIn(who) ? (hears(who, it) ? 303 : 404) : 303),
    also: staffLearn('title'),
  },
  'a collection that holds it, on paper': {
    path: (it) => `/collections/${collectionWith(it)}/print`,
    status: () => 200,
    shows: (who, it) => title(sees(who, it)),
  },
  'the table on which such a collection is arranged': {
    path: (it) => `/collections/${collectionWith(it)}/edit`,
    status: (who) => forSignedIn(who, 200),
    shows: (who, it) => title(isSignedIn(who) && sees(who, it)),
  },
  'the page of a collection whose rule finds it': {
    path: (it) => `/collections/${ruleWith(it)}`,
    status: () => 200,
    shows: (who, it) => title(sees(who, it)),
  },
  'the form of that rule': {
    of: inEachState,
    path: (it) => `/collections/${ruleWith(it)}/rule`,
    status: (who) => forSignedIn(who, found(['state curator', ...purgers].includes(who))),
  },
  'a collection of a rule that would find it, before it is made': {
    of: inEachState,
    path: ({ topic }) => `/collections/new?search=${encodeURIComponent(`topic=${topic}`)}`,
    status: (who) => forSignedIn(who, 200),
  },
  'the feed of a search for its topic': {
    of: inEachState,
    // Readers of feeds don't sign in, so it is the public's, whoever asks.
    path: ({ topic }) => `/search.atom?topic=${topic}`,
    status: () => 200,
    shows: (_who, it) => title(sees('the public', it)),
  },
  'what the API tells of the words of its standard': {
    of: inEachState,
    path: ({ standard }) => `/api/v1/standards?q=GUARD.${standard.slice(0, 8)}`,
    status: () => 200,
  },
};

/** Authors of what is theirs, staff also of what was handed in or taken away, others of what they see. */
function hears(who: Who, it: Guarded): boolean {
  if (who === 'owner' || who === 'co-author' || sees(who, it)) return true;
  return staffOver.includes(who) && ['submitted', 'withdrawn', 'taken down', 'purged'].includes(it.state);
}

/** Pages about many resources at once. `count`: what is counted on it, and how many it must be. */
const pages: Record<
  string,
  {
    path: string;
    status: (who: Who) => number;
    also?: AlsoReads;
    shows?: (who: Who, one: Guarded) => boolean;
    count?: { of: (answer: Answer) => number; is: (who: Who) => number };
  }
> = {
  'the queue of checks': {
    path: '/curate?show=all',
    status: (who) => forStaff(who, 200),
    // An administrator looks at the queue, and so at what was handed in.
    also: (who, it, kind) => who === 'state administrator' && kind === 'title' && it.state === 'submitted',
  },
  'what was reported': {
    path: '/curate/flags',
    status: (who) => forStaff(who, 200),
    also: staffLearn('title', 'note'),
    count: {
      of: ({ body }) => load(body)('main tbody tr').length,
      is: (who) => (staffOver.includes(who) ? shelf.filter(wasPublished).length / 2 : 0),
    },
  },
  'what was reported and decided': {
    path: '/curate/flags?show=decided',
    status: (who) => forStaff(who, 200),
    also: staffLearn('title', 'note'),
  },
  'the log of takedowns': {
    path: '/curate/takedowns',
    status: (who) => forStaff(who, 200),
    also: staffLearn('title'),
    shows: (who, { state }) => staffOver.includes(who) && state === 'taken down',
  },
  // It goes to others, so it names none.
  'the file of takedowns': { path: '/curate/takedowns.csv', status: (who) => forStaff(who, 200) },
  'the log of what was destroyed': {
    path: '/curate/purges',
    status: (who) => forStaff(who, 200),
    count: {
      of: ({ body }) => load(body)('main tbody tr').length,
      is: (who) => one(staffOver.includes(who)) * shelf.filter(({ state }) => state === 'purged').length,
    },
  },
  'what lacks tags': { path: '/curate/tags', status: (who) => forStaff(who, 200) },
  'what lacks a topic': { path: '/curate/tags?what=license', status: (who) => forStaff(who, 200) },
  'a change of tags that was planned by a curator who has left': {
    path: `/curate/tags/changes/${changeId}`,
    status: (who) => forStaff(who, found(who !== 'curator of the district')),
    also: staffLearn('title'),
    shows: (who, it) => sees(who, it),
  },
  'the coverage of standards': {
    path: '/curate/coverage?framework=test-math',
    status: (who) => forStaff(who, 200),
  },
  'the file of the coverage': {
    path: '/curate/coverage.csv?framework=test-math',
    status: (who) => forStaff(who, 200),
    // A row for each standard and level; the public adaptation stands in each, and what the reader sees beside it.
    count: {
      of: ({ body }) =>
        body.split('\n').filter((line) => line.includes('GUARD.')).length === 0
          ? -1
          : guardedInCoverage(body),
      is: (who) => shelf.length + shelf.filter((it) => sees(who, it)).length,
    },
  },
  'the numbers': { path: '/curate/numbers', status: (who) => forStaff(who, 200) },
  'the file of the numbers': { path: '/curate/numbers.csv?of=months', status: (who) => forStaff(who, 200) },
  'what is searched for': { path: '/curate/search', status: (who) => forStaff(who, 200) },
  'the file of what is searched for': { path: '/curate/search.csv', status: (who) => forStaff(who, 200) },
  'the calls': { path: '/calls', status: () => 200 },
  'a call for which all were shared': {
    path: `/calls/${callId}`,
    status: () => 200,
    shows: (who, it) => sees(who, it),
  },
  'the form of that call': {
    path: `/curate/calls/${callId}`,
    status: (who) => forStaff(who, staffOver.includes(who) && who !== 'curator of the district' ? 200 : 404),
  },
  'their notices': {
    path: '/notices',
    status: (who) => forSignedIn(who, 200),
    also: staffLearn('title'),
    count: {
      of: ({ body }) => [...body.matchAll(/href="\/notices\/[0-9a-f-]{36}"/g)].length,
      is: (who) => shelf.filter((it) => isSignedIn(who) && hears(who, it)).length,
    },
  },
  'their saved searches': { path: '/searches', status: (who) => forSignedIn(who, 200) },
  'the list of collections': { path: '/collections', status: () => 200 },
  'the feed of everything': {
    path: '/search.atom',
    status: () => 200,
  },
  'the map for search engines': {
    path: '/sitemaps/resources/00000000-0000-7000-8000-000000000000.xml',
    status: () => 200,
    count: {
      of: ({ body }) => shelf.filter(({ id }) => body.includes(id)).length,
      is: () => shelf.filter((it) => sees('the public', it)).length,
    },
  },
  'the beginning of that map': { path: '/sitemap.xml', status: () => 200 },
  'places for search engines': { path: '/sitemaps/places.xml', status: () => 200 },
  'the vocabularies of the API': { path: '/api/v1/vocabularies', status: () => 200 },
  'the description of the API': { path: '/api/openapi.json', status: () => 200 },
  'the guide to the API': { path: '/api', status: () => 200 },
  'the audit log': {
    path: '/admin/audit',
    status: (who) => forSignedIn(who, who === 'state administrator' ? 200 : 403),
  },
  'the file of the audit log': {
    path: '/admin/audit.csv',
    status: (who) => forSignedIn(who, who === 'state administrator' ? 200 : 403),
  },
  'the page of the operator': {
    path: '/admin/operation',
    status: (who) => forSignedIn(who, who === 'state administrator' ? 200 : 403),
  },
  'the page of the administrator': {
    path: '/admin',
    status: (who) => forSignedIn(who, who === 'state administrator' ? 200 : 403),
  },
  'the imports': { path: '/imports', status: (who) => forSignedIn(who, importers.includes(who) ? 200 : 403) },
};

/** The resources that a coverage file counts in all rows of guarded standards. */
function guardedInCoverage(csv: string): number {
  const lines = csv.split('\r\n');
  const heads = lines[0]!.split(',').map((head) => head.replace(/^\uFEFF?"?|"$/g, ''));
  const place = heads.findIndex((head) => /resources|all/i.test(head));
  return lines
    .filter((line) => line.includes('GUARD.'))
    .reduce((sum, line) => sum + Number(line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)[place] ?? 0), 0);
}

describe.each(everyone)('%s', (who) => {
  it.each(Object.keys(doors))('finds what is meant for them, and nothing else, by %s', async (name) => {
    const door = doors[name]!;
    const wrong: string[] = [];
    await inParallel(shelf.filter(door.of ?? (() => true)), async (it) => {
      const answer = await open(who, door.path(it, who));
      const say = (what: string) => wrong.push(`${it.name}: ${what}`);
      const status = door.status(who, it);
      if (answer.status !== status) say(`answers ${answer.status} instead of ${status}`);
      for (const kind of door.shows?.(who, it) ?? [])
        if (!answer.body.includes(it.words[kind])) say(`does not show its ${kind}`);
      for (const leak of leaksIn(who, answer, door.also)) say(leak);
    });
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(pages))('comes upon nothing that is not meant for them on %s', async (name) => {
    const page = pages[name]!;
    const answer = await open(who, page.path);
    expect(answer.status).toBe(page.status(who));
    expect(leaksIn(who, answer, page.also)).toEqual([]);
    if (answer.status !== 200) return;
    if (page.count) expect(page.count.of(answer)).toBe(page.count.is(who));
    for (const it of shelf)
      if (page.shows?.(who, it)) expect(answer.body.includes(it.words.title), it.name).toBe(true);
  });

  it('gets no mail that tells more', async () => {
    if (!isSignedIn(who)) return;
    const mails: Message[] = [];
    const told = { ...deps, mailer: { send: async (message: Message) => void mails.push(message) } };
    await deps.pool.query('UPDATE notice SET seen_at = NULL, mailed_at = NULL WHERE person_id = $1', [
      personIdOf(who),
    ]);
    expect(await sendNoticeDigest(told, personIdOf(who))).toBe(true);
    expect(await sendSearchDigest(told, personIdOf(who), ['daily'])).toBe(true);
    const [notices, searches] = mails;
    expect(leaksIn(who, { body: notices!.text + notices!.subject }, staffLearn('title'))).toEqual([]);
    expect(leaksIn(who, { body: searches!.text + searches!.subject })).toEqual([]);
  });
});

it('every page and answer stands in a table like this one, or shows no resource', () => {
  const gets = routesOf(app)
    .filter(({ method }) => method === 'get')
    .map(({ path }) => path);
  const elsewhere = [...importDoors, ...doorsWithoutResources];
  expect(
    gets.filter(
      (path) =>
        !asked.has(path) && !shelfDoors.includes(path) && !elsewhere.some((pattern) => pattern.test(path)),
    ),
  ).toEqual([]);
});
