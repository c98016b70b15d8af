import { accountByEmail } from '../../server/accounts/account-queries.ts';
import {
  changeCollection,
  copyCollection,
  createCollection,
} from '../../server/collections/collection-service.ts';
import { deleteCollection } from '../../server/collections/collection-removal.ts';
import { featureCollection } from '../../server/collections/collection-sharing.ts';
import type { CollectionVisibility } from '../../server/collections/collection-policy.ts';
import { addEditor } from '../../server/collections/editor-service.ts';
import { addItem, addSection, leaveOut, moveItem } from '../../server/collections/item-service.ts';
import type { Deps } from '../../server/deps.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator, type Viewer } from '../../server/lib/viewer.ts';

interface Planned {
  owner: string;
  title: string;
  description?: string;
  visibility: CollectionVisibility;
  rule?: string;
  /** Sections with what stands in them: external id and note. */
  parts?: [string | null, [string, string?][]][];
  leftOut?: string[];
  cover?: string;
  editors?: string[];
  featured?: true;
  deleted?: true;
}

/** Collections of every kind, by the demo's own people: by hand and by rule, for everyone and for few, co-edited, deleted. */
const planned: Planned[] = [
  {
    owner: 'curator@state.example',
    title: 'Proportion, from pictures to lines',
    description:
      'Three weeks for grades 6 to 8 that never change the question: **what stays the same when both numbers grow?** Begin where your students are; each part also works alone.',
    visibility: 'public',
    parts: [
      [
        'See it',
        [
          ['math-for-every-picture-cards', 'Sort first and talk later. Ten minutes are enough.'],
          ['math-three-pictures-of-a-ratio'],
          ['math-lemonade-ratios', 'The mixing itself is optional, the tasting is not.'],
          ['math-limonada-para-todos', 'The same lesson in Spanish, with the same numbers.'],
        ],
      ],
      [
        'Name it',
        [
          ['math-same-recipe-or-not'],
          ['math-proportional-or-not-sort', 'Card 9 is meant to start an argument.'],
        ],
      ],
      ['Draw it', [['math-growing-stacks'], ['math-slope-stories'], ['math-rate-and-start']]],
    ],
    cover: 'math-lemonade-ratios',
    featured: true,
  },
  {
    owner: 'lead@state.example',
    title: 'Checked fractions for grade 4',
    description:
      'What a curator has checked for fractions in grade 4. It grows by itself as more is checked.',
    visibility: 'public',
    rule: '/search?grade=4&topic=fractions&checked=state&checked=district',
    parts: [[null, [['math-halfway-is-a-landmark', 'Start here when you have one period only.']]]],
    featured: true,
  },
  {
    owner: 'curator@state.example',
    title: 'En español: matemáticas',
    description: 'Everything for mathematics that is written in Spanish, the newest first.',
    visibility: 'public',
    rule: '/search?subject=mathematics&language=es&sort=newest',
    cover: 'math-cual-es-mas',
    featured: true,
  },
  {
    owner: 'curator@north.example',
    title: 'What our lakes teach',
    description: 'Lessons of this district that begin at Birch Lake and end in the standards.',
    visibility: 'public',
    parts: [
      [null, [['math-below-zero-birch-lake'], ['math-ice-out-which-model'], ['math-two-ferries-systems']]],
    ],
  },
  {
    owner: 'teacher@north.example',
    title: 'Fractions before the winter break',
    description: 'My order for this year. Notes are for the substitute too.',
    visibility: 'private',
    parts: [
      [
        'First week',
        [
          ['math-fold-it-twice', 'Use the paper from the blue drawer; it folds cleanly.'],
          ['math-name-the-part'],
          ['math-fair-shares-cornbread', 'Ask about allergies before the second lesson.'],
        ],
      ],
      [
        'Second week',
        [['math-halfway-is-a-landmark'], ['math-three-fractions-one-line'], ['math-egg-carton-fractions']],
      ],
      ['For the wall', [['math-one-half-landmark-poster'], ['math-fraction-bars-reference']]],
    ],
  },
  {
    owner: 'teacher@north.example',
    title: 'Games for the last ten minutes',
    description: 'Short, no copies, no winners who gloat.',
    visibility: 'district',
    parts: [
      [
        null,
        [
          ['math-make-ten-bus', 'Works with a whole class standing up.'],
          ['math-dice-difference-race'],
          ['math-race-to-one'],
          ['ela-g1-vowel-team-bingo'],
        ],
      ],
    ],
    editors: ['wren.castellano@north.example', 'dana.whitcomb@north.example'],
  },
  {
    owner: 'wren.castellano@north.example',
    title: 'Counting at home',
    description: 'For families: each takes a quarter of an hour at the kitchen table.',
    visibility: 'link',
    parts: [
      [null, [['math-counting-collections-jars'], ['math-contamos-tesoros', 'La misma idea en español.']]],
    ],
    editors: ['teacher@north.example'],
  },
  {
    owner: 'erik.lindqvist@north.example',
    title: 'Grade 3 planning, fall',
    description: 'What we agreed on in August.',
    visibility: 'school',
    parts: [
      ['Numbers', [['math-build-the-whole'], ['math-cover-the-garden']]],
      ['Words', [['ela-g3-umbrella-main-idea'], ['ela-g3-word-sums']]],
    ],
  },
  {
    owner: 'teacher@south.example',
    title: 'Para las familias',
    description: 'Lo que se puede hacer en casa, en dos idiomas.',
    visibility: 'link',
    parts: [
      [null, [['math-matematicas-en-la-cocina'], ['math-caminos-al-diez'], ['ela-g5-momento-pequeno']]],
    ],
  },
  {
    owner: 'beth.oakley@south.example',
    title: 'Short ones for grade 6',
    visibility: 'school',
    rule: '/search?grade=6&minutes=15&minutes=30',
    leftOut: ['math-better-buy-flyers'],
  },
  {
    owner: 'teacher@north.example',
    title: 'Old list from last year',
    visibility: 'private',
    parts: [[null, [['math-fold-it-twice']]]],
    deleted: true,
  },
];

/** Makes them by the same commands as the pages do. `ids`: of resources by external id. */
export async function seedCollections(deps: Deps, ids: ReadonlyMap<string, string>): Promise<void> {
  const made = new Map<string, string>();
  // The order on the home page is that of the list, and what is put there last stands first.
  for (const plan of planned.toReversed()) made.set(plan.title, await make(deps, ids, plan));
  const south = await educator(deps, 'teacher@south.example');
  const from = made.get('Proportion, from pictures to lines');
  if (south && from)
    await copyCollection(
      deps,
      south,
      { id: from, key: undefined, title: 'Proportion, for my two groups' },
      noOrigin,
    );
}

async function make(deps: Deps, ids: ReadonlyMap<string, string>, plan: Planned): Promise<string> {
  const owner = await educator(deps, plan.owner);
  if (!owner) return '';
  const { title, description = '', visibility } = plan;
  const id = await createCollection(
    deps,
    owner,
    { title, description, visibility, rule: plan.rule ?? null },
    noOrigin,
  );
  const sections = (plan.parts ?? []).flatMap(([name]) => name ?? []);
  for (const name of sections) await addSection(deps, owner, { id, title: name });
  const { rows } = await deps.pool.query<{ id: string }>(
    'SELECT id FROM collection_section WHERE collection_id = $1 ORDER BY position',
    [id],
  );
  for (const [name, items] of plan.parts ?? [])
    for (const [externalId, note] of items) {
      const resourceId = ids.get(externalId);
      if (resourceId === undefined) throw new Error(`No resource ${externalId} for “${title}”`);
      await addItem(deps, owner, { id, resourceId, note: note ?? '' });
      const section = name === null ? undefined : rows[sections.indexOf(name)]?.id;
      if (section) await moveItem(deps, owner, { id, resourceId, move: { section, before: null } });
    }
  for (const externalId of plan.leftOut ?? [])
    await leaveOut(deps, owner, { id, resourceId: ids.get(externalId) ?? '' });
  const coverId = plan.cover === undefined ? undefined : ids.get(plan.cover);
  if (coverId)
    await changeCollection(deps, owner, id, { title, description, coverId, revision: 1 }, noOrigin);
  for (const email of plan.editors ?? []) await addEditor(deps, owner, { id, email }, noOrigin);
  if (plan.featured) await featureCollection(deps, owner, id, 'on', noOrigin);
  if (plan.deleted) await deleteCollection(deps, owner, id, noOrigin);
  return id;
}

async function educator(
  { pool }: Pick<Deps, 'pool'>,
  email: string,
): Promise<(Viewer & { id: string; organizationId: string }) | null> {
  const account = await accountByEmail(pool, email);
  return account && isEducator(account.viewer) ? account.viewer : null;
}
