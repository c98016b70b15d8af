import { describe, expect, it, vi } from 'vitest';
import { catalogId } from '../support/catalog.ts';
import {
  administratorEmail,
  administrators,
  furnishOffices,
  handOverId,
  handOvers,
  helperId,
  helperWord,
  officeNames,
  officeThings,
  officeWord,
  organizationId,
  staffFileOf,
  staffOf,
  stateWords,
  transferId,
  transfers,
  vocabularyChangeId,
  type Administrator,
  type HandOver,
  type Office,
  type Transfer,
} from '../support/guarded-offices.ts';
import { personIdOf, type Guarded } from '../support/guarded-shelf.ts';
import { routesOf } from '../support/routes.ts';
import { guardedPortal, inParallel, type AlsoReads } from './guarded-portal.ts';
import { officesAlone } from './known-doors.ts';
import { sees, seesTombstone, type Who } from './policy-table.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

// The rooms of administrators: people, organizations, what goes from one to another, the state's lists, the log. Each is
// asked by those who may not come in too. A district's administrator comes upon their district's only.
const portal = await guardedPortal(
  'offices',
  ({ deps, shelf }) => furnishOffices(deps.pool, shelf),
  administratorEmails(),
);
const { shelf, open, leaksIn, asked, app } = portal;

type Visitor = Who | Administrator;
function administratorEmails(): Record<Administrator, string> {
  const names = Object.keys(administrators) as Administrator[];
  return Object.fromEntries(names.map((who) => [who, administratorEmail(who)])) as Record<
    Administrator,
    string
  >;
}
const visitors: Visitor[] = [
  'the public',
  'teacher of the school',
  'curator of the district',
  'state lead',
  'administrator of the school',
  'administrator elsewhere',
  'administrator of the district',
  'state administrator',
];

/** Whose row of the policy's table holds for what they see on the shelf. */
const asOnTheShelf: Record<Administrator, Who> = {
  'administrator of the district': 'state administrator',
  'administrator elsewhere': 'teacher elsewhere',
  'administrator of the school': 'teacher of the school',
};
const onTheShelf = (who: Visitor): Who =>
  who in asOnTheShelf ? asOnTheShelf[who as Administrator] : (who as Who);

/** The offices whose people and papers somebody administers. */
const administered: Partial<Record<Visitor, readonly Office[]>> = {
  'state administrator': officeNames,
  'administrator of the district': ['north'],
  'administrator elsewhere': ['south'],
};
const administers = (who: Visitor, office: Office): boolean => administered[who]?.includes(office) ?? false;
const isState = (who: Visitor): boolean => who === 'state administrator';

const found = (yes: boolean): number => (yes ? 200 : 404);
const forSignedIn = (who: Visitor, status: number): number => (who === 'the public' ? 303 : status);
/** Pages of whoever administers a district or the state. */
const forAdministrators = (who: Visitor, status: number): number =>
  forSignedIn(who, administered[who] ? status : 403);
const forTheState = (who: Visitor, status = 200): number => forSignedIn(who, isState(who) ? status : 403);

/** Words of offices, with those who may read them. */
const words = new Map<string, { what: string; mayRead: (who: Visitor) => boolean }>([
  ...officeNames.flatMap((office) =>
    officeThings.map(
      (thing) =>
        [
          officeWord(office, thing),
          { what: `the ${thing} of ${office}`, mayRead: (who: Visitor) => administers(who, office) },
        ] as const,
    ),
  ),
  [
    officeWord('school', 'event'),
    {
      what: 'the event of the school',
      mayRead: readsOfTheSchool,
    },
  ],
  [
    helperWord,
    {
      what: 'the helper from the south',
      mayRead: (who) => administers(who, 'north') || administers(who, 'south'),
    },
  ],
  [stateWords.change, { what: 'a change of the lists', mayRead: isState }],
  [stateWords.job, { what: 'a job that failed', mayRead: isState }],
]);

/** What they administer they hand over and look after, so its titles are theirs to read, but for drafts and what was destroyed. */
const lookedAfter: AlsoReads = (who, it, kind) =>
  who === 'state administrator' && kind === 'title' && !['draft', 'submitted', 'purged'].includes(it.state);

interface Door {
  path: string;
  status: (who: Visitor) => number;
  /** Words of offices that must be there for whoever comes in. */
  shows?: (who: Visitor) => string[];
  /** Resources that are called by their titles there; others are named as hidden, or not at all. */
  titles?: (who: Visitor, one: Guarded) => boolean;
}

/** Published or withdrawn, and meant for them: drafts are their authors' alone. */
const seesTitle = (who: Visitor, it: Guarded): boolean =>
  sees(onTheShelf(who), it) || (it.state === 'withdrawn' && seesTombstone(onTheShelf(who), it));

const readable = (
  who: Visitor,
  thing: Parameters<typeof officeWord>[1],
  of: readonly Office[] = officeNames,
): string[] => of.filter((office) => administers(who, office)).map((office) => officeWord(office, thing));

const places: Record<string, [string, Office]> = {
  'the northern district': ['north', 'north'],
  'a northern school': ['north-high', 'north'],
  'the southern district': ['south', 'south'],
  'a southern school': ['south-middle', 'south'],
  'the state': ['state', 'state'],
};
/** What of an organization is there, for whoever administers it; the rest answers otherwise, and never with 200. */
const changes: Record<string, (who: Visitor, kind: 'district' | 'school' | 'state') => number> = {
  rename: (_who, kind) => (kind === 'state' ? 403 : 200),
  publishing: (who, kind) => (kind === 'state' && !isState(who) ? 403 : 200),
  close: (who, kind) => (kind === 'state' || (kind === 'district' && !isState(who)) ? 403 : 200),
  merge: (who, kind) => (kind === 'state' || (kind === 'district' && !isState(who)) ? 403 : 200),
  'hand-over': (_who, kind) => (kind === 'state' ? 403 : 200),
  move: (who, kind) => (kind !== 'school' || !isState(who) ? 403 : 200),
  reopen: (who, kind) => (kind === 'state' || (kind === 'district' && !isState(who)) ? 403 : 303),
};
const kindOf = (slug: string) => (slug === 'state' ? 'state' : slug.includes('-') ? 'school' : 'district');

const doors: Record<string, Door> = {
  'the list of people': {
    path: '/admin/people',
    status: (who) => forAdministrators(who, 200),
    shows: (who) => [...readable(who, 'person'), helperWord],
  },
  'the file of people': {
    path: '/admin/people.csv',
    status: (who) => forAdministrators(who, 200),
    shows: (who) => [...readable(who, 'person'), helperWord],
  },
  'the list of people of another district': {
    path: `/admin/people?organization=${organizationId('south')}`,
    status: (who) => forAdministrators(who, 200),
    shows: (who) => (isState(who) ? [helperWord] : []),
  },
  'the curators among them': {
    path: '/admin/people?role=curator&state=open',
    status: (who) => forAdministrators(who, 200),
    shows: (who) => readable(who, 'person'),
  },
  'the tree of organizations': { path: '/admin/organizations', status: (who) => forAdministrators(who, 200) },
  'who is invited': {
    path: '/admin/people/invitations',
    status: (who) => forAdministrators(who, 200),
    shows: (who) => readable(who, 'invitation'),
  },
  'the lists of staff': {
    path: '/admin/people/import',
    status: (who) => forAdministrators(who, 200),
    shows: (who) => readable(who, 'list of staff'),
  },
  'the form of such a list': {
    path: '/admin/people/import/template.csv',
    status: (who) => forAdministrators(who, 200),
  },
  'which districts take people': {
    path: '/admin/people/registration',
    status: (who) => forAdministrators(who, 200),
    shows: (who) => readable(who, 'domain', ['north', 'south']),
  },
  'the page of who helps another district': {
    path: `/admin/people/${helperId}`,
    status: (who) => forAdministrators(who, 200),
    shows: () => [helperWord],
  },
  'what who helps another district has to hand over': {
    path: `/admin/people/${helperId}/hand-over`,
    status: (who) => forAdministrators(who, found(who !== 'administrator of the district')),
  },
  'the page of who has much': {
    path: `/admin/people/${personIdOf('owner')}`,
    status: (who) => forAdministrators(who, found(administers(who, 'north'))),
  },
  'all that they have to hand over': {
    path: `/admin/people/${personIdOf('owner')}/hand-over`,
    status: (who) => forAdministrators(who, found(administers(who, 'north'))),
    titles: seesTitle,
  },
  'the question before their account is closed': {
    path: `/admin/people/${personIdOf('owner')}/close`,
    status: (who) => forAdministrators(who, found(administers(who, 'north'))),
  },
  'a change of the state’s lists': {
    path: `/admin/changes/${vocabularyChangeId}`,
    status: (who) => forTheState(who),
    shows: () => [stateWords.change],
  },
  'the topics with their counts': { path: '/admin/topics', status: (who) => forTheState(who) },
  'a topic that only hidden ones have': {
    path: `/admin/topics/${catalogId('topic', shelf[0]!.topic)}`,
    status: (who) => forTheState(who),
  },
  'the kinds with their counts': { path: '/admin/types', status: (who) => forTheState(who) },
  'a kind that all have': { path: '/admin/types/lesson', status: (who) => forTheState(who) },
  'a license that all have': { path: '/admin/licenses/CC-BY-4.0', status: (who) => forTheState(who) },
  'the frameworks with their counts': { path: '/admin/frameworks', status: (who) => forTheState(who) },
  'the page of the operator': {
    path: '/admin/operation',
    status: (who) => forTheState(who),
    shows: () => [stateWords.job],
    titles: (_who, it) => !['draft', 'submitted', 'purged'].includes(it.state),
  },
  'the page of the administrator': { path: '/admin', status: (who) => forTheState(who) },
  'the log': { path: '/admin/audit', status: readsTheLog },
  // What somebody looks for isn't written down here, as it is where they take the file.
  'the log of somebody of the south': {
    path: `/admin/audit?who=${officeWord('south', 'person')}`,
    status: readsTheLog,
    shows: (who) => readable(who, 'event of its people', ['south']),
  },
  'the log of one hidden resource': {
    path: `/admin/audit?object=${shelf.find(({ name }) => name === 'held, for school')!.id}`,
    status: readsTheLog,
  },
  'the file of the log': {
    path: '/admin/audit.csv',
    status: readsTheLog,
    shows: loggedFor,
    titles: (who, it) => readsOfTheSchool(who) && sees(onTheShelf(who), it),
  },
  ...Object.fromEntries(
    Object.entries(places).flatMap(([name, [slug, office]]) => [
      [
        `the page of ${name}`,
        {
          path: `/admin/organizations/${organizationId(slug)}`,
          status: (who: Visitor) => forAdministrators(who, found(administers(who, office))),
        },
      ],
      ...Object.entries(changes).map(([change, status]) => [
        `the form that does it (${change}) to ${name}`,
        {
          path: `/admin/organizations/${organizationId(slug)}/${change}`,
          status: (who: Visitor) =>
            forAdministrators(who, administers(who, office) ? status(who, kindOf(slug)) : 404),
        },
      ]),
    ]),
  ),
  ...Object.fromEntries(
    officeNames.flatMap((office) => {
      const own = (status: number, word?: string): Pick<Door, 'status' | 'shows'> => ({
        status: (who) => forAdministrators(who, administers(who, office) ? status : 404),
        shows: () => (word === undefined ? [] : [word]),
      });
      const person = `/admin/people/${staffOf(office)}`;
      const list = `/admin/people/import/${staffFileOf(office)}`;
      return [
        [`the page of somebody of ${office}`, { path: person, ...own(200, officeWord(office, 'person')) }],
        [`the question before somebody of ${office} is out`, { path: `${person}/close`, ...own(200) }],
        [`what somebody of ${office} has`, { path: `${person}/hand-over`, ...own(200) }],
        [`a list of staff of ${office}`, { path: list, ...own(200, officeWord(office, 'list of staff')) }],
        [
          `what was refused of a list of staff of ${office}`,
          { path: `${list}/rejected.csv`, ...own(200, officeWord(office, 'rejected row')) },
        ],
        [
          `whom ${office} takes`,
          {
            path: `/admin/people/registration/${organizationId(office)}`,
            ...(office === 'state'
              ? { status: (who: Visitor) => forAdministrators(who, 404) }
              : own(200, officeWord(office, 'domain'))),
          },
        ],
      ];
    }),
  ),
  ...Object.fromEntries([
    ...(Object.keys(handOvers) as HandOver[]).map((name) => [
      `a hand-over ${name}`,
      {
        path: `/admin/transfers/${handOverId(name)}`,
        status: (who: Visitor) => forAdministrators(who, found(moves(who, handOvers[name].seenBy))),
        titles: (who: Visitor, it: Guarded) => name !== 'within the south' && seesTitle(who, it),
      },
    ]),
    ...(Object.keys(transfers) as Transfer[]).map((name) => [
      `a transfer ${name}`,
      {
        path: `/admin/transfers/${transferId(name)}`,
        status: (who: Visitor) => forAdministrators(who, found(moves(who, transfers[name].seenBy))),
      },
    ]),
  ]),
};

function moves(who: Visitor, seenBy: readonly Office[]): boolean {
  return isState(who) || seenBy.some((office) => administers(who, office));
}
/** Administrators of a school too, for what happens there. */
function readsTheLog(who: Visitor): number {
  return forSignedIn(who, administered[who] || who === 'administrator of the school' ? 200 : 403);
}
/** What happened at the school that the resources belong to. */
function readsOfTheSchool(who: Visitor): boolean {
  return administers(who, 'north') || who === 'administrator of the school';
}
function loggedFor(who: Visitor): string[] {
  return [
    ...readable(who, 'event'),
    ...readable(who, 'event of its people'),
    ...(readsOfTheSchool(who) ? [officeWord('school', 'event')] : []),
  ];
}

describe.each(visitors)('%s', (who) => {
  it('finds what is meant for them in the offices, and nothing else', async () => {
    const wrong: string[] = [];
    await inParallel(Object.entries(doors), async ([name, door]) => {
      const answer = await open(who, door.path);
      const say = (what: string) => wrong.push(`${name}: ${what}`);
      const status = door.status(who);
      if (answer.status !== status) say(`answers ${answer.status} instead of ${status}`);
      for (const leak of leaksIn(onTheShelf(who), answer, lookedAfter)) say(leak);
      for (const [word, { what, mayRead }] of words)
        if (answer.body.includes(word) && !door.path.includes(word) && !mayRead(who)) say(`reads ${what}`);
      if (status !== 200) return;
      for (const word of door.shows?.(who) ?? [])
        if (!answer.body.includes(word)) say(`does not show ${words.get(word)?.what ?? word}`);
      for (const it of shelf)
        if (door.titles?.(who, it) && !answer.body.includes(it.words.title))
          say(`does not call “${it.name}”`);
    });
    expect(wrong).toEqual([]);
  });
});

it('every page of an administrator was asked here, or has only what the state writes for all', () => {
  const rooms = routesOf(app)
    .filter(({ method, path }) => method === 'get' && path.startsWith('/admin'))
    .map(({ path }) => path);
  expect(rooms.length).toBeGreaterThan(30);
  expect(rooms.filter((path) => !asked.has(path) && !officesAlone.includes(path))).toEqual([]);
  expect(officesAlone.filter((path) => !rooms.includes(path))).toEqual([]);
});
