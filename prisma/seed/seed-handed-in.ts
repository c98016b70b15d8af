import { accountByEmail } from '../../server/accounts/account-queries.ts';
import type { Deps } from '../../server/deps.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator } from '../../server/lib/viewer.ts';
import { createDraft } from '../../server/resources/draft-service.ts';
import { publishDraft } from '../../server/resources/publish-service.ts';

type Fields = NonNullable<Parameters<typeof createDraft>[2]['fields']>;

/**
 * Two things that the catalog doesn't have: a lesson of a school whose lessons are checked before they stand on the shelf,
 * and an exit ticket with a list of (made-up) students that its author says are made up.
 */
export async function seedHandedIn(deps: Deps): Promise<void> {
  await deps.pool.query(
    `UPDATE organization SET publish_choice = 'check_first' WHERE slug = 'lighthouse-high'`,
  );
  const level = new Map(
    (await deps.pool.query<{ slug: string; id: string }>('SELECT slug, id FROM competency_level')).rows.map(
      ({ slug, id }) => [slug, id],
    ),
  );
  const claims = async (code: string, at: string): Promise<Fields['alignments']> => {
    const { rows } = await deps.pool.query<{ guid: string }>(
      'SELECT guid FROM standard WHERE code = $1 AND retired_at IS NULL',
      [code],
    );
    return rows.map(({ guid }) => ({ guid, levelId: level.get(at) ?? null, relation: 'teaches' }));
  };
  const share = { license: 'CC-BY-4.0', language: 'en', minutes: 45 } as const;
  await publish(deps, 'kwame.asante@harbor.example', {
    ...share,
    title: 'How high was the tide? Fitting a curve to the harbor gauge',
    summary:
      'A week of readings from the harbor gauge, and the question where the curve will be on Saturday.',
    description:
      'Students plot seven days of readings by hand, agree on the rhythm they see, and only then look for a function that has it. Saturday morning the gauge says who was right.',
    url: 'https://gauge.harbor.example/week',
    type: 'lab',
    subjects: ['mathematics'],
    grades: ['11', '12'],
    visibility: 'public',
    alignments: await claims('DS.MATH.HS.F.1', 'proficient'),
  });
  await publish(
    deps,
    'wren.castellano@north.example',
    {
      ...share,
      title: 'Exit ticket after the fraction walk, with a list to sort',
      summary: 'Four questions, and a made-up class list to practice forming groups with.',
      description:
        'Sort the list into groups for Thursday. The students are made up.\n\nMira Castle 62%\nJonah Pike 85%\nLena Brook 91%\nOtis Field 48%\n\nWho works with whom, and on what?',
      url: 'https://fractions.north.example/walk',
      type: 'exit-ticket',
      subjects: ['mathematics'],
      grades: ['4'],
      visibility: 'school',
      alignments: await claims('DS.MATH.4.NF.2', 'developing'),
    },
    true,
  );
}

async function publish(deps: Deps, email: string, fields: Fields, noStudentData = false): Promise<void> {
  const viewer = (await accountByEmail(deps.pool, email))?.viewer;
  if (!viewer || !isEducator(viewer)) throw new Error(`the demo has no ${email}`);
  const resourceId = await createDraft(deps, viewer, { fields }, noOrigin);
  const { rows } = await deps.pool.query<{ revision: number }>(
    'SELECT revision FROM version WHERE resource_id = $1 AND number IS NULL',
    [resourceId],
  );
  await publishDraft(
    deps,
    viewer,
    { resourceId, revision: rows[0]?.revision ?? 0, note: '', noStudentData },
    noOrigin,
  );
}
