import { load } from 'cheerio';
import { describe, expect, it, vi } from 'vitest';
import {
  collectionWith,
  commonWords,
  ruleWith,
  sourceId,
  type Guarded,
  type SecretWords,
} from '../support/guarded-shelf.ts';
import { guardedPortal, inParallel, type Answer } from './guarded-portal.ts';
import { shelfDoors } from './known-doors.ts';
import {
  everyone,
  hasDraft,
  hasVersions,
  isSignedIn,
  judges,
  opensFile,
  sees,
  seesTombstone,
  writes,
  type Who,
} from './policy-table.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const { shelf, open, leaksIn, carriers, asked } = await guardedPortal('doors');
const wordKinds = Object.keys(shelf[0]!.words) as (keyof SecretWords)[];

interface Door {
  /** A program of theirs asks, not their browser. */
  program?: true;
  path: (one: Guarded) => string;
  /** Which resources have it; all unless told. */
  of?: (one: Guarded) => boolean;
  status: (who: Who, one: Guarded) => number;
  /** The words that must be there, where the door opens. */
  shows?: (who: Who, one: Guarded) => (keyof SecretWords)[];
  /** A number on the page and what it must be. */
  count?: { of: (answer: Answer) => number; is: (who: Who, one: Guarded) => number };
}

const found = (yes: boolean): number => (yes ? 200 : 404);
const readsPage = (who: Who, one: Guarded): number =>
  sees(who, one) ? 200 : seesTombstone(who, one) ? 410 : 404;
/** A page for those who are signed in; others are sent to sign in. */
const signedInOnly =
  (status: (who: Who, one: Guarded) => number): Door['status'] =>
  (who, one) =>
    isSignedIn(who) ? status(who, one) : 303;
const numberIn = (text: string): number => Number(/\d[\d,]*/.exec(text)?.[0].replace(',', '') ?? 0);
// Read without a parser, which would take longer than the portal does.
const countOn = ({ body }: Answer): number =>
  numberIn(/class="count"[^>]*>(?:\s*<[^>]+>)*\s*([^<]*)/.exec(body)?.[1] ?? '');
const hits = ({ body }: Answer): number =>
  body.includes('class="hits"') ? numberIn(/<h1 class="find">([^<]*)/.exec(body)?.[1] ?? '') : 0;
/** How many a collection says that it has. */
const heldOn = ({ body }: Answer): number => numberIn(/<b>(\d[\d,]* resources?)<\/b>/.exec(body)?.[1] ?? '');
const total = ({ body }: Answer): number => (JSON.parse(body) as { total: number }).total;
const one = (yes: boolean): number => (yes ? 1 : 0);

/** Who opens the page of a check, if it is for them. */
const curators: Who[] = [
  'curator of the district',
  'curator elsewhere',
  'state curator',
  'state lead',
  'state administrator',
];
/** Its authors at any time, and those who may check it; of what was taken down nobody else hears. */
const converses = (who: Who, it: Guarded): boolean =>
  it.state !== 'purged' &&
  (who === 'owner' ||
    who === 'co-author' ||
    ((['curator of the district', 'state curator', 'state lead'] as Who[]).includes(who) &&
      (sees(who, it) || judges(who, it) || it.state === 'withdrawn')));

/** Ways into one resource. */
const doors: Record<string, Door> = {
  'its page': {
    path: ({ id }) => `/resources/${id}`,
    status: readsPage,
    shows: (who, it) => {
      if (sees(who, it))
        return ['title', 'summary', 'open', ...(isSignedIn(who) ? (['key', 'late', 'note'] as const) : [])];
      return it.state === 'withdrawn' && seesTombstone(who, it) ? ['title'] : [];
    },
  },
  'its first version': {
    path: ({ id }) => `/resources/${id}/versions/1`,
    status: readsPage,
    shows: (who, it) =>
      sees(who, it) ? ['old', 'open', ...(isSignedIn(who) ? (['late'] as const) : [])] : [],
  },
  'a version that never was': {
    path: ({ id }) => `/resources/${id}/versions/9`,
    status: (who, it) => (seesTombstone(who, it) ? 410 : 404),
  },
  'the form of its draft': {
    // Opening it begins the next version where there is none: see actions.test.ts.
    path: (it) => (hasDraft(it) ? `/resources/${it.id}/edit` : `/resources/${it.id}/check`),
    status: signedInOnly((who, it) => found(hasDraft(it) && (writes(who, it) || judges(who, it)))),
    shows: (who, it) =>
      hasDraft(it) && (writes(who, it) || judges(who, it))
        ? it.state === 'revised'
          ? ['next']
          : ['title', 'open', 'key']
        : [],
  },
  'its last look before publishing': {
    path: ({ id }) => `/resources/${id}/check`,
    status: signedInOnly((who, it) => found(hasDraft(it) && (writes(who, it) || judges(who, it)))),
  },
  'its check': {
    path: ({ id }) => `/curate/checks/${id}`,
    status: signedInOnly((who, it) => {
      if (!curators.includes(who)) return 403;
      return who === 'curator elsewhere' && sees(who, it) ? 403 : found(sees(who, it) || judges(who, it));
    }),
    shows: (who, it) =>
      curators.includes(who) && who !== 'curator elsewhere' && (sees(who, it) || judges(who, it))
        ? ['title', 'open', 'key']
        : [],
  },
  'the conversation about its check': {
    path: ({ id }) => `/resources/${id}/checks`,
    status: signedInOnly((who, it) => found(converses(who, it))),
    shows: (who, it) => (converses(who, it) ? ['title'] : []),
  },
  'the question before adapting it': {
    path: ({ id }) => `/resources/${id}/adapt`,
    status: signedInOnly((who, it) => found(sees(who, it))),
  },
  'all its files in one': {
    path: ({ id }) => `/resources/${id}/files.zip`,
    status: (who, it) => found(sees(who, it)),
    shows: (who, it) =>
      sees(who, it) ? ['open', ...(isSignedIn(who) ? (['key', 'late'] as const) : [])] : [],
  },
  'all files of its first version in one': {
    path: ({ id }) => `/resources/${id}/files.zip?version=1`,
    status: (who, it) => found(sees(who, it)),
    shows: (who, it) => (sees(who, it) ? ['open', ...(isSignedIn(who) ? (['late'] as const) : [])] : []),
  },
  'a search for words in its document': {
    path: ({ topic }) => `/search?q=${commonWords.open}&topic=${topic}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title', 'open'] : []),
    count: { of: hits, is: (who, it) => one(sees(who, it)) },
  },
  'the API’s search for words in its document': {
    path: ({ topic }) => `/api/v1/resources?q=${commonWords.open}&topic=${topic}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title', 'open'] : []),
    count: { of: total, is: (who, it) => one(sees(who, it)) },
  },
  'the API’s search for words in its educators-only document': {
    path: ({ topic }) => `/api/v1/resources?q=${commonWords.key}&topic=${topic}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) && isSignedIn(who) ? ['title', 'key'] : []),
    count: { of: total, is: (who, it) => one(sees(who, it) && isSignedIn(who)) },
  },
  'the API’s search for words in what is educators-only by now': {
    path: ({ topic }) => `/api/v1/resources?q=${commonWords.late}&topic=${topic}`,
    status: () => 200,
    count: { of: total, is: (who, it) => one(sees(who, it) && isSignedIn(who)) },
  },
  'the API’s search with a slip in each of its words': {
    path: ({ words }) =>
      `/api/v1/resources?q=${Object.values({ ...words })
        .map(slip)
        .join('+')}`,
    status: () => 200,
  },
  'what the API tells of it': {
    path: ({ id }) => `/api/v1/resources/${id}`,
    status: readsPage,
    shows: (who, it) =>
      sees(who, it)
        ? ['title', 'summary', 'open', ...(isSignedIn(who) ? (['key', 'late'] as const) : [])]
        : [],
  },
  'what the API tells of what was made from it': {
    path: ({ child }) => `/api/v1/resources/${child}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
  },
  'what the API tells a program of theirs': {
    program: true,
    path: ({ id }) => `/api/v1/resources/${id}`,
    status: readsPage,
    shows: (who, it) => (sees(who, it) ? ['title', ...(isSignedIn(who) ? (['key'] as const) : [])] : []),
  },
  'a program’s search for words in its educators-only document': {
    program: true,
    path: ({ topic }) => `/api/v1/resources?q=${commonWords.key}&topic=${topic}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) && isSignedIn(who) ? ['title', 'key'] : []),
    count: { of: total, is: (who, it) => one(sees(who, it) && isSignedIn(who)) },
  },
  'the API’s counts of its standard': {
    path: ({ standard }) => `/api/v1/standards/${standard}`,
    status: () => 200,
    count: {
      of: ({ body }) => (JSON.parse(body) as { resources: number }).resources,
      is: (who, it) => 1 + one(sees(who, it)),
    },
  },
  'suggestions for the beginning of its title': {
    path: ({ words }) => `/api/v1/suggest?q=${words.title.slice(0, 6)}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
  },
  'the page of its standard': {
    path: ({ standard }) => `/standards/${standard}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
    count: { of: countOn, is: (who, it) => 1 + one(sees(who, it)) },
  },
  'the page of its topic': {
    path: ({ topic }) => `/topics/${topic}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
    count: { of: countOn, is: (who, it) => one(sees(who, it)) },
  },
  'a collection that holds it': {
    path: (it) => `/collections/${collectionWith(it)}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
    count: { of: heldOn, is: (who, it) => 1 + one(sees(who, it)) },
  },
  'all files of such a collection': {
    path: (it) => `/collections/${collectionWith(it)}/files.zip`,
    status: () => 200,
    shows: (who, it) =>
      sees(who, it) ? ['title', 'open', ...(isSignedIn(who) ? (['key', 'late'] as const) : [])] : [],
  },
  'what the API tells of a collection whose rule finds it': {
    path: (it) => `/api/v1/collections/${ruleWith(it)}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
    count: { of: total, is: (who, it) => 1 + one(sees(who, it)) },
  },
  'a search within such a collection': {
    path: (it) => `/api/v1/resources?collection=${ruleWith(it)}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
    count: { of: total, is: (who, it) => 1 + one(sees(who, it)) },
  },
  'the page of what was made from it, and “next to it on the shelf”': {
    path: ({ child }) => `/resources/${child}`,
    status: () => 200,
    shows: (who, it) => (sees(who, it) ? ['title'] : []),
    count: {
      of: ({ body }) =>
        (jsonLdOf(body)['isBasedOn'] as unknown[] | undefined)?.filter((url) =>
          shelf.some(({ id }) => String(url).includes(id)),
        ).length ?? 0,
      is: (who, it) => one(sees(who, it)),
    },
  },
};

/** One letter in the middle is wrong. */
const slip = (word: string): string => `${word.slice(0, 4)}x${word.slice(5)}`;
const jsonLdOf = (body: string): Record<string, unknown> =>
  JSON.parse(load(body)('script[type="application/ld+json"]').text() || '{}') as Record<string, unknown>;

const fileDoors: Record<string, (file: string) => string> = {
  'to download': (file) => `/files/${file}/name.pdf`,
  'as a picture of a page': (file) => `/files/${file}/pages/1.webp`,
  'as pages to look at': (file) => `/files/${file}/pages`,
  'as plain text': (file) => `/files/${file}/text`,
};
const fileKinds = {
  open: 'open',
  key: 'educators-only',
  late: 'by now educators-only',
  next: 'not yet published',
} as const;
for (const [kind, called] of Object.entries(fileKinds) as [keyof typeof fileKinds, string][])
  for (const [way, path] of Object.entries(fileDoors))
    doors[`its ${called} file ${way}`] = {
      of: ({ files }) => files[kind] !== undefined,
      path: ({ files }) => path(files[kind] ?? ''),
      status: (who, it) => found(opensFile(who, it, kind)),
      shows: (who, it) => (way !== 'as a picture of a page' && opensFile(who, it, kind) ? [kind] : []),
    };

describe.each(everyone)('%s', (who) => {
  it.each(Object.keys(doors))('finds what is meant for them, and nothing else, by %s', async (name) => {
    const door = doors[name]!;
    const wrong: string[] = [];
    const asked = shelf.filter(door.of ?? (() => true));
    await inParallel(asked, async (guarded) => {
      const answer = await open(who, door.path(guarded), door.program);
      const say = (what: string) => wrong.push(`${guarded.name}: ${what}`);
      const status = door.status(who, guarded);
      if (answer.status !== status) say(`answers ${answer.status} instead of ${status}`);
      for (const kind of door.shows?.(who, guarded) ?? [])
        if (!answer.body.includes(guarded.words[kind])) say(`does not show its ${kind}`);
      for (const leak of leaksIn(who, answer)) say(leak);
      if (!door.count) return;
      const [count, expected] = [door.count.of(answer), door.count.is(who, guarded)];
      if (count !== expected) say(`counts ${count} instead of ${expected}`);
    });
    expect(wrong).toEqual([]);
  });

  const seen = shelf.filter((it) => sees(who, it));
  /** The common source and the adaptations are for everybody. */
  const others = 1 + shelf.length;
  const pages: Record<
    string,
    { path: string; signedIn?: boolean; check?: (answer: Answer) => unknown; is?: unknown }
  > = {
    'the home page': {
      path: '/',
      check: ({ body }) => numberIn(load(body)('.lede').first().text()),
      is: seen.length + others,
    },
    'the API’s search for everything': {
      path: '/api/v1/resources',
      check: ({ body }) => apiCountsOf(body),
      is: {
        total: seen.length + others,
        topics: Object.fromEntries(seen.map(({ topic }) => [topic, 1])),
        north: seen.length || undefined,
      },
    },
    'what the API tells of the source of them all': { path: `/api/v1/resources/${sourceId}` },
    'a search for everything': { path: '/search', check: hits, is: seen.length + others },
    'the second page of it': { path: '/search?page=2' },
    'the third page of it': { path: '/search?page=3', check: hits, is: seen.length + others },
    'the counts of a search': {
      path: '/search',
      check: ({ body }) => facetsOf(body),
      is: {
        ...Object.fromEntries(seen.map(({ topic }) => [topic, 1])),
        ...(seen.length === 0 ? {} : { north: seen.length }),
        south: others,
      },
    },
    'a search for words in all documents': {
      path: `/search?q=${commonWords.open}`,
      check: hits,
      is: seen.length,
    },
    'a search for words in all educators-only documents': {
      path: `/search?q=${commonWords.key}`,
      check: hits,
      is: isSignedIn(who) ? seen.length : 0,
    },
    'a search for them that finds none': { path: `/search?q=${commonWords.key}&grade=12&subject=arts` },
    'a search of the district': { path: '/search?district=north', check: hits, is: seen.length },
    'the list of topics': { path: '/topics' },
    'the list of districts': {
      path: '/districts',
      check: ({ body }) => numberIn(load(body)('tbody tr').first().find('td').last().text()),
      is: seen.length,
    },
    'the page of the district': { path: '/districts/north', check: countOn, is: seen.length },
    'the page of the school': { path: '/schools/north-elementary', check: countOn, is: seen.length },
    'the list of standards': { path: '/standards' },
    'the page of the framework': { path: '/standards/test-math' },
    'the source of them all, its adaptations and translations': { path: `/resources/${sourceId}` },
    'their own shelf': { path: '/shelf', signedIn: true },
    'the page on which sharing begins': { path: '/resources/new', signedIn: true },
    'their account': { path: '/account', signedIn: true },
  };

  it.each(Object.keys(pages))('comes upon nothing that is not meant for them on %s', async (name) => {
    const page = pages[name]!;
    const answer = await open(who, page.path);
    expect(answer.status).toBe(page.signedIn && !isSignedIn(who) ? 303 : 200);
    expect(leaksIn(who, answer)).toEqual([]);
    if (page.check) expect(page.check(answer)).toEqual(page.is);
  });

  it('finds on their own shelf what they saved only as long as it is meant for them', async () => {
    if (!isSignedIn(who)) return;
    const $ = load((await open(who, '/shelf')).body);
    const saved = $('section[aria-labelledby="sa"]').text();
    for (const it of shelf) expect(saved.includes(it.words.title), it.name).toBe(sees(who, it));
  });
});

/** Counts of topics of the guarded resources and of districts, as the filters of a search show them. */
function facetsOf(body: string): Record<string, number> {
  const $ = load(body);
  const topics = new Set(shelf.map(({ topic }) => topic));
  return Object.fromEntries(
    $('.filters input[name="topic"], .filters input[name="district"]')
      .toArray()
      .map((input): [string, number] => [
        $(input).attr('value') ?? '',
        numberIn($(input).parent().find('.n').text()),
      ])
      .filter(([value]) => topics.has(value) || value === 'north' || value === 'south'),
  );
}

/** The same counts as the API tells them. */
function apiCountsOf(body: string): {
  total: number;
  topics: Record<string, number>;
  north: number | undefined;
} {
  const answer = JSON.parse(body) as {
    total: number;
    facets: Record<'topic' | 'district', { value: string; count: number }[]>;
  };
  return {
    total: answer.total,
    topics: Object.fromEntries(answer.facets.topic.map(({ value, count }) => [value, count])),
    north: answer.facets.district.find(({ value }) => value === 'north')?.count,
  };
}

it('the words of the guarded resources are all different', () => {
  expect(carriers.size).toBe(shelf.length * wordKinds.length);
  expect(shelf.filter(hasVersions)).toHaveLength(24);
});

it('every door that other tests take for opened here was opened here', () => {
  expect([...asked]).toEqual(expect.arrayContaining(shelfDoors));
});
