import { accountByEmail } from '../../server/accounts/account-queries.ts';
import { decideFlag } from '../../server/curation/flags/flag-decision.ts';
import { purgeResource } from '../../server/curation/purge/purge-service.ts';
import type { Deps } from '../../server/deps.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { isEducator, publicViewer, type Viewer } from '../../server/lib/viewer.ts';
import { createDraft } from '../../server/resources/draft-service.ts';
import type { FlagKind } from '../../server/resources/flags/flag-kinds.ts';
import { raiseFlag } from '../../server/resources/flags/flag-service.ts';
import { publishDraft } from '../../server/resources/publish-service.ts';
import { addAnswer, addVoice } from '../../server/resources/voices/voice-service.ts';

type Educator = Viewer & { id: string; organizationId: string };
type Fields = NonNullable<Parameters<typeof createDraft>[2]['fields']>;

const hour = 3600 * 1000;

/** What the demo's teachers say and report, and what staff made of it: something of every state. */
export async function seedVoices(deps: Deps, ids: Map<string, string>): Promise<void> {
  const now = deps.clock.now().getTime();
  /** The same deps, so many hours ago. */
  const ago = (hours: number): Deps => ({ ...deps, clock: { now: () => new Date(now - hours * hour) } });
  const known = new Map<string, Educator>();
  const person = async (email: string): Promise<Educator> => {
    const viewer = known.get(email) ?? (await accountByEmail(deps.pool, email))?.viewer;
    if (!viewer || !isEducator(viewer)) throw new Error(`the demo has no ${email}`);
    known.set(email, viewer);
    return viewer;
  };
  const strips = idLike(ids, 'which-is-more');
  const tug = idLike(ids, 'tug-of-war');
  const album = idLike(ids, 'sunflower-album');
  await rate(deps, [strips, tug]);
  if (strips) await talkAboutStrips(ago, person, strips);
  if (tug) {
    await addVoice(ago(30), await person('erik.lindqvist@north.example'), {
      resourceId: tug,
      kind: 'question',
      body: 'What rope did you use? Ours is **too smooth**, everybody slides before anything happens.',
    });
    await report(
      ago(20),
      publicViewer,
      tug,
      'broken',
      'Page 2 prints without the arrows on the second drawing.',
    );
  }
  if (album)
    await report(
      ago(9),
      await person('hannah.feldman@north.example'),
      album,
      'wrong_key',
      'Day 12 in the key has the height of day 14.',
    );
  await decidedReports({ deps, ago, person }, ids);
  await hiddenAndGone({ deps, ago, person });
}

const idLike = (ids: Map<string, string>, words: string): string | undefined =>
  [...ids].find(([externalId]) => externalId.includes(words))?.[1];

/** Most of those who wrote a note also say how well it worked; two resources have enough of them for a number. */
async function rate({ pool }: Deps, rated: (string | undefined)[]): Promise<void> {
  await pool.query(
    `UPDATE use_mark u SET note = ($2::text[])[n.place], rating = 3 + n.place % 3
     FROM (SELECT u.id, row_number() OVER (PARTITION BY u.resource_id ORDER BY u.created_at)::int + 4 * (r.place::int - 1) AS place
           FROM unnest($1::uuid[]) WITH ORDINALITY r (id, place) JOIN use_mark u ON u.resource_id = r.id WHERE u.note = '') n
     WHERE u.id = n.id AND n.place <= 4 * (SELECT place FROM unnest($1::uuid[]) WITH ORDINALITY r (id, place) WHERE r.id = u.resource_id)`,
    [rated.filter((id) => id !== undefined), moreNotes],
  );
  await pool.query(
    `UPDATE use_mark SET rating = CASE abs(hashtext(person_id::text || resource_id::text)) % 4 WHEN 0 THEN 3 WHEN 1 THEN 5 ELSE 4 END
     WHERE note <> '' AND rating IS NULL AND (resource_id = ANY ($1::uuid[]) OR abs(hashtext(person_id::text || resource_id::text)) % 3 > 0)`,
    [rated.filter((id) => id !== undefined)],
  );
}

/** Of the two that have many: four each. */
const moreNotes = [
  'I cut the strips beforehand and gained ten minutes for the argument at the end.',
  'We used ribbon instead of paper. It stretches, which turned out to be the best question of the day.',
  'Third lesson on this, and the first one in which they drew the whole before I asked.',
  'The story problems were too long for my readers. I told them aloud instead.',
  'Did it in the gym with the wrestling mats. Bring a second flag, ours tore.',
  'My group predicted wrong twice and was delighted. The plan leaves room for that.',
  'Fine in forty minutes if the rope is out before they come in.',
  'Two students who never speak explained the standstill. I kept their drawing.',
];

type Ago = (hours: number) => Deps;
type Person = (email: string) => Promise<Educator>;
type Stage = { deps: Deps; ago: Ago; person: Person };

async function talkAboutStrips(ago: Ago, person: Person, resourceId: string): Promise<void> {
  const question = await addVoice(ago(75), await person('beth.oakley@south.example'), {
    resourceId,
    kind: 'question',
    body: 'Do the strips work with a class that has not met eighths yet? I have two weeks until then.',
  });
  await addAnswer(ago(70), await person('teacher@north.example'), {
    questionId: question,
    body: 'Yes. Leave out page 2 and let them make the eighths themselves: fold the fourths once more. That *was* the lesson for my group.',
  });
  await addVoice(ago(26), await person('priya.raman@harbor.example'), {
    resourceId,
    kind: 'comment',
    body: 'Print the strips on card. Paper ones curl after the second class, and then nothing lines up.',
  });
  const reply = await addVoice(ago(12), await person('owen.gallagher@harbor.example'), {
    resourceId,
    kind: 'comment',
    body: 'Whoever needed eighty minutes for this did something wrong.',
  });
  const harbor = await person('fatima.haddad@harbor.example');
  await raiseFlag(
    ago(11),
    harbor,
    {
      resourceId,
      voice: { id: reply, of: 'comment', writerId: (await person('owen.gallagher@harbor.example')).id },
      form: { kind: 'unsuitable', note: 'This is about a colleague, not about the lesson.', mail: '' },
    },
    noOrigin,
  );
}

async function report(
  deps: Deps,
  viewer: Viewer,
  resourceId: string,
  kind: FlagKind,
  note: string,
): Promise<string> {
  await raiseFlag(deps, viewer, { resourceId, voice: null, form: { kind, note, mail: '' } }, noOrigin);
  const { rows } = await deps.pool.query<{ id: string }>(
    'SELECT id FROM flag WHERE resource_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1',
    [resourceId],
  );
  return rows[0]?.id ?? '';
}

async function versionOf({ pool }: Deps, resourceId: string): Promise<number> {
  const { rows } = await pool.query<{ number: number }>(
    'SELECT v.number FROM resource r JOIN version v ON v.id = r.current_version_id WHERE r.id = $1',
    [resourceId],
  );
  return rows[0]?.number ?? 0;
}

/** Two that were looked at: one had nothing wrong with it, one was mended. */
async function decidedReports({ deps, ago, person }: Stage, ids: Map<string, string>): Promise<void> {
  const curator = await person('curator@state.example');
  const cases = [
    [
      'pond-in-trouble',
      'unsuitable',
      'A dead fish on page one upsets my second graders.',
      'dismiss',
      'It is for grade 5, and the picture is a drawing.',
    ],
    [
      'grid-robot',
      'broken',
      'The link to the printable grid leads nowhere.',
      'mend',
      'The author put the grid into the file.',
    ],
  ] as const;
  for (const [words, kind, note, move, said] of cases) {
    const resourceId = idLike(ids, words);
    if (!resourceId) continue;
    const flagId = await report(ago(200), await person('yuki.tanaka@south.example'), resourceId, kind, note);
    await decideFlag(
      ago(180),
      curator,
      { flagId, move, note: said, version: await versionOf(deps, resourceId) },
      noOrigin,
    );
  }
}

/** Three that the catalog doesn't have: hidden while somebody looks, taken down, and destroyed. */
async function hiddenAndGone({ deps, ago, person }: Stage): Promise<void> {
  const common = {
    license: 'CC-BY-4.0',
    language: 'en',
    type: 'worksheet',
    visibility: 'public',
  } as const;
  const mathematics = { ...common, grades: ['6'], subjects: ['mathematics'] };
  const hidden = await share(ago(60), await person('joe.begay@north.example'), {
    ...mathematics,
    title: 'Our heights, measured and drawn',
    summary: 'A table of measurements to draw as a dot plot, and the questions that go with it.',
    description: 'Draw the dot plot, find the middle, and say what one very tall student does to it.',
    url: 'https://plots.north.example/heights',
  });
  await report(
    ago(2),
    publicViewer,
    hidden,
    'student_data',
    'The table behind the link has first names beside the heights.',
  );
  const taken = await share(ago(1000), await person('marcus.bell@south.example'), {
    ...common,
    grades: ['6'],
    subjects: ['english-language-arts'],
    title: 'Chapter questions for the winter novel',
    summary: 'Forty questions, chapter by chapter.',
    description: 'Questions for every chapter, with page numbers.',
    url: 'https://novel.south.example/questions',
  });
  const flagId = await report(
    ago(400),
    publicViewer,
    taken,
    'not_mine',
    'These are the questions of our teacher’s guide, word for word. We did not give leave.',
  );
  await decideFlag(
    ago(390),
    await person('curator@state.example'),
    {
      flagId,
      move: 'take_down',
      note: 'The publisher of the guide says that these are its questions. We have asked the author.',
      version: await versionOf(deps, taken),
    },
    noOrigin,
  );
  const destroyed = await share(ago(1200), await person('carlos.medina@south.example'), {
    ...mathematics,
    title: 'Seating plan to shuffle',
    summary: 'A plan to cut up and sort.',
    description: 'Cut out the names and find all plans in which nobody sits where they sat before.',
    url: 'https://plans.south.example/seats',
  });
  await report(
    ago(900),
    await person('elena.vasquez@south.example'),
    destroyed,
    'student_data',
    'It is the plan of a real class.',
  );
  await purgeResource(
    ago(899),
    await person('admin@state.example'),
    {
      resourceId: destroyed,
      why: 'student_data',
      reason: 'It showed the seating plan of a real class. The school has told the families.',
      confirm: 'Seating plan to shuffle',
    },
    noOrigin,
  );
}

async function share(deps: Deps, viewer: Educator, fields: Fields): Promise<string> {
  const resourceId = await createDraft(deps, viewer, { fields }, noOrigin);
  const { rows } = await deps.pool.query<{ revision: number }>(
    'SELECT revision FROM version WHERE resource_id = $1 AND number IS NULL',
    [resourceId],
  );
  await publishDraft(
    deps,
    viewer,
    { resourceId, revision: rows[0]?.revision ?? 0, note: '', noStudentData: true },
    noOrigin,
  );
  return resourceId;
}
