import type { Fit } from '../../server/curation/check-machine.ts';
import type { Outcome } from '../../server/curation/decision.ts';

/** How the check of one resource of the catalog went, and what was said. */
export interface CheckStory {
  /** External id in the catalog. */
  resource: string;
  /** Who checked. */
  by: string;
  daysAgo: number;
  outcome: Outcome;
  note: string;
  /** For its alignments in order; the last one stands for those that follow. */
  claims: { fit: Fit; level?: string; why?: string }[];
  /** For the questions of the rubric in order. */
  ratings?: number[];
  /** Hours after the decision. `asked`: the author asks for another look. */
  messages?: { author: boolean; after: number; text: string; kind?: 'answer' | 'asked' }[];
}

export const checkStories: CheckStory[] = [
  {
    resource: 'math-defeat-the-shortcut',
    by: 'curator@north.example',
    daysAgo: 2,
    outcome: 'returned',
    note: 'The counterexample hunt is a joy: keep it. Two things to mend:\n\n- Problem 3 gives the reason away in its last line. Without it, students have to find it.\n- As it stands students explain a shortcut that somebody else found. That is Proficient; for Extending let them look for the cases where it fails.',
    claims: [
      {
        fit: 'other_level',
        level: 'proficient',
        why: 'Students explain a given shortcut; they do not yet test where it ends.',
      },
    ],
    ratings: [4, 3, 2, 4, 3],
  },
  {
    resource: 'sci-map-of-our-noises',
    by: 'curator@state.example',
    daysAgo: 6,
    outcome: 'returned',
    note: 'Mapping the noises of your own school is a fine way in. The table on page 2 has no units, and nothing tells students what to do when two groups disagree. Mend these two and send it again.',
    claims: [
      { fit: 'full' },
      { fit: 'part', why: 'Amplitude is heard and mapped; wavelength never comes up.' },
    ],
    ratings: [3, 3, 3, 2, 4],
    messages: [
      {
        author: true,
        after: 20,
        text: 'Thank you, both are true. Would decibels from a phone be good enough for the table, or does that promise too much?',
      },
      {
        author: false,
        after: 26,
        text: 'Good enough, if the sheet says that phones differ by five or so. Let one phone measure for all groups.',
      },
      {
        author: true,
        after: 47,
        kind: 'asked',
        text: 'The units are in, and there is a step for when groups disagree. Would you look again?',
      },
    ],
  },
  {
    resource: 'sci-sunflower-album',
    by: 'curator@state.example',
    daysAgo: 4,
    outcome: 'checked',
    note: 'Brothers, sisters and the shady corner: students argue about inheritance and surroundings without either word. I would put the last photograph first.',
    claims: [{ fit: 'full' }],
    ratings: [4, 4, 3, 4, 3],
  },
  {
    resource: 'math-three-forms-one-fence',
    by: 'curator@north.example',
    daysAgo: 9,
    outcome: 'checked',
    note: '',
    claims: [
      { fit: 'full' },
      { fit: 'part', why: 'Two of the three forms are used; vertex form is only named.' },
    ],
    ratings: [3, 3, 3, 3, 2],
  },
  {
    resource: 'ela-g9-lean-on-source',
    by: 'curator@state.example',
    daysAgo: 12,
    outcome: 'returned',
    note: 'Leaving the page to judge it is the right habit. Both example sites have changed since, so students would find something else than the sheet says. Please take pictures of the pages instead of links.',
    claims: [
      { fit: 'full' },
      { fit: 'none', why: 'Students judge one source; nothing is put together from several.' },
    ],
  },
  {
    resource: 'sci-why-nothing-moves',
    by: 'curator@state.example',
    daysAgo: 8,
    outcome: 'checked',
    note: 'Short, right and kind to beginners.',
    claims: [{ fit: 'full' }],
    ratings: [4, 4, 4, 4, 4],
  },
  {
    resource: 'soc-g3-map-exit-ticket',
    by: 'curator@north.example',
    daysAgo: 3,
    outcome: 'checked',
    note: 'Four questions, four minutes. It fits.',
    claims: [{ fit: 'full' }],
    ratings: [4, 4, 4, 4, 3],
  },
];
