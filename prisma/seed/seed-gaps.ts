import { Readable } from 'node:stream';
import { runChange } from '../../server/curation/tags/change-job.ts';
import { moveChangeByStaff, planChange } from '../../server/curation/tags/change-service.ts';
import { accountByEmail } from '../../server/accounts/account-queries.ts';
import type { Deps } from '../../server/deps.ts';
import { driveSource } from '../../server/imports/drive-source.ts';
import { runOptions } from '../../server/imports/run-options.ts';
import { createRun } from '../../server/imports/run-service.ts';
import { findRun } from '../../server/imports/run-store.ts';
import { noOrigin } from '../../server/lib/origin.ts';

/** A small catalog as districts have them: old codes, licenses in words, nothing said of levels. */
const rows = [
  [
    'field-101',
    'Measuring the schoolyard with a rope',
    'Field notebook',
    '3.MD.OLD.7',
    'ask the museum',
    '3',
  ],
  ['field-102', 'Counting leaves on one square meter', 'Field notebook', '3.MD.OLD.7', 'ask the museum', '3'],
  ['field-103', 'A map of our block from memory', 'Field notebook', 'SS-LOCAL-12', '', '4'],
  ['field-104', 'Where the rain goes after it falls', 'Walk', 'SCI-OLD-5.2', 'free for schools', '5'],
  ['field-105', 'Listening for ten minutes at the river', 'Walk', '', 'free for schools', '5'],
  ['field-106', 'Shadows at nine, noon and three', 'Walk', 'SCI-OLD-5.2', 'CC BY 4.0', ''],
  ['field-107', 'Three bridges and what holds them', 'Walk', '', 'CC BY 4.0', '6'],
  ['field-108', 'The oldest house on the street', '', 'SS-LOCAL-12', '', ''],
] as const;

/**
 * A catalog of the district north with words that nobody knew, and one change that a curator has made of it: the room of
 * tags is not empty.
 */
export async function seedGaps(deps: Deps): Promise<void> {
  const { pool } = deps;
  const { rows: found } = await pool.query<{ id: string }>(
    `SELECT id FROM organization WHERE slug = 'north' AND kind = 'district'`,
  );
  const [district] = found;
  const curator = await accountByEmail(pool, 'curator@north.example');
  if (!district || !curator) return;
  const text = rows
    .map(([external_id, title, type, standards, license, grades]) =>
      JSON.stringify({
        external_id,
        title,
        summary: 'From the field book of the outdoor program, one page and a photograph.',
        text: `${title}. Take a notebook, a pencil and something to sit on.`,
        type,
        standards,
        license,
        grades,
        subjects: external_id < 'field-104' ? 'Mathematics' : '',
        visibility: 'state',
      }),
    )
    .join('\n');
  const stored = await deps.files.receive(Readable.from([Buffer.from(text)]), { maxBytes: 1e6 });
  const runId = await createRun(
    deps,
    {
      districtId: district.id,
      source: 'outdoor',
      door: 'command',
      personId: null,
      dryRun: false,
      options: runOptions.parse({}),
      mappingId: null,
      input: { ...stored, name: 'outdoor-program.ndjson' },
      work: false,
    },
    noOrigin,
  );
  const run = await findRun(pool, runId);
  if (!run) return;
  await driveSource(deps, run.sourceId, { signal: new AbortController().signal, until: runId });
  const { rows: walks } = await pool.query<{ id: string }>(
    `SELECT r.id FROM resource r JOIN resource_type t ON t.slug = 'activity' WHERE r.source = 'outdoor' AND r.external_id IN ('field-104', 'field-105', 'field-106', 'field-107')`,
  );
  if (walks.length === 0) return;
  const changeId = await planChange(
    deps,
    curator.viewer,
    {
      wish: { field: 'type', mode: 'fill', value: ['activity'] },
      chosen: { ids: walks.map(({ id }) => id) },
      gap: { field: 'type', value: 'Walk' },
    },
    noOrigin,
  );
  await moveChangeByStaff(deps, curator.viewer, { changeId, move: 'start' }, noOrigin);
  await runChange(deps, changeId);
}
