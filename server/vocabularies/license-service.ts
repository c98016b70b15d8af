import type { Pool } from 'pg';
import { z } from 'zod';
import { audit } from '../audit/audit-service.ts';
import type { Deps } from '../deps.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import type { Origin } from '../lib/origin.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { line, text, ticked } from '../web/parse.ts';
import {
  lockVocabularies,
  moveOne,
  stampOf,
  touchedBy,
  type Client,
  type Touched,
} from './vocabulary-change.ts';
import { mayChange } from './vocabulary-service.ts';

/** What a license allows, as facts: search, adaptations and imports go by them. */
export const LICENSE_FACTS = ['adaptable', 'credit', 'shareAlike', 'nonCommercial', 'open'] as const;
export type LicenseFact = (typeof LICENSE_FACTS)[number];

/** Work whose license nobody knows; never offered, never removed. */
export const UNKNOWN = 'unknown';

const plainWords = text(2000)
  .transform((lines) =>
    lines
      .split('\n')
      .map((one) => one.replace(/\s+/g, ' ').trim())
      .filter((one) => one !== ''),
  )
  .pipe(z.array(z.string().max(200, 'fault.tooLong')).max(8, 'license.fault.many'));

/** The form of a license's words. */
export const licenseForm = z.object({
  name: line(80).pipe(z.string().min(1, 'fault.required')),
  url: line(500)
    .pipe(z.union([z.literal(''), z.url({ protocol: /^https?$/, error: 'license.fault.url' })]))
    .transform((value) => (value === '' ? null : value)),
  may: plainWords.refine((list) => list.length > 0, 'license.fault.may'),
  must: plainWords,
  mayNot: plainWords,
  offered: ticked,
});
export type LicenseInput = z.output<typeof licenseForm>;

/** The form of a new license; `fact` may come several times. */
export const newLicenseForm = licenseForm.extend({
  code: line(60).pipe(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+-]*$/, 'license.fault.code')),
  fact: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((value) => LICENSE_FACTS.filter((fact) => [value].flat().includes(fact))),
});

/** A license as it is kept. */
export type LicenseRow = {
  code: string;
  name: string;
  url: string | null;
  may: string[];
  must: string[];
  mayNot: string[];
  offered: boolean;
} & Record<LicenseFact, boolean>;

const columns = `code, name, url, may, must, may_not AS "mayNot", offered, adaptable, credit, share_alike AS "shareAlike",
  noncommercial AS "nonCommercial", open`;

/** One license by its code, or undefined. */
export async function findLicense(client: Client | Pool, code: string): Promise<LicenseRow | undefined> {
  const { rows } = await client.query<LicenseRow>(`SELECT ${columns} FROM license WHERE code = $1`, [code]);
  return rows[0];
}

/** All licenses in their order, with how many resources on the shelf have each. */
export async function licenseLines(pool: Pool): Promise<(LicenseRow & { resources: number })[]> {
  const { rows } = await pool.query<LicenseRow & { resources: number }>(
    `SELECT ${columns}, (SELECT count(*)::int FROM version v JOIN resource r ON r.current_version_id = v.id AND r.state = 'published' WHERE v.license = l.code) AS resources
     FROM license l ORDER BY position, name`,
  );
  return rows;
}

/** Resources that have a license. */
export const touchedByLicense = (client: Client, code: string): Promise<Touched> =>
  touchedBy(client, 'SELECT id AS version_id FROM version WHERE license = $1', code);

/** Names the state of a license. */
export const stampOfLicense = (license: LicenseRow): string => stampOf(license);

type LicenseDeps = Pick<Deps, 'pool'>;

/**
 * Writes other words for a license; pages show them at once. What it allows stays as it is.
 * @param seen the state that was looked at
 * @throws 403; 404; 409 when somebody has changed it meanwhile; 422
 */
export async function saveLicense(
  { pool }: LicenseDeps,
  viewer: Viewer,
  { code, seen, input }: { code: string; seen: string; input: LicenseInput },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const before = await findLicense(client, code);
    if (!before) throw notFound('vocabulary.gone');
    if (stampOfLicense(before) !== seen) throw conflict('form.changed');
    await refuseTaken(client, input.name, code);
    if (code === UNKNOWN && input.offered) throw invalid({ field: 'offered', key: 'license.fault.unknown' });
    if (before.offered && !input.offered) await refuseNone(client, code);
    await client.query(
      'UPDATE license SET name = $2, url = $3, may = $4, must = $5, may_not = $6, offered = $7 WHERE code = $1',
      [code, input.name, input.url, input.may, input.must, input.mayNot, input.offered],
    );
    const { name, url, may, must, mayNot, offered } = before;
    await audit(client, {
      actorId: viewer.id,
      action: 'license.changed',
      objectType: 'license',
      objectId: code,
      detail: { before: { name, url, may, must, mayNot, offered }, after: input },
      ...origin,
    });
  });
}

/** Adds a license of the state's own. @throws 403; 422 when its code or name is taken */
export async function addLicense(
  { pool }: LicenseDeps,
  viewer: Viewer,
  { code, fact, ...input }: z.output<typeof newLicenseForm>,
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const { rows } = await client.query('SELECT 1 FROM license WHERE lower(code) = lower($1)', [code]);
    if (rows.length > 0) throw invalid({ field: 'code', key: 'license.fault.codeTaken' });
    await refuseTaken(client, input.name, '');
    const has = (name: LicenseFact): boolean => fact.includes(name);
    await client.query(
      `INSERT INTO license (code, name, url, may, must, may_not, offered, adaptable, credit, share_alike, noncommercial, open, position)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (SELECT coalesce(max(position), 0) + 1 FROM license))`,
      [
        code,
        input.name,
        input.url,
        input.may,
        input.must,
        input.mayNot,
        input.offered,
        has('adaptable'),
        has('credit'),
        has('shareAlike'),
        has('nonCommercial'),
        has('open'),
      ],
    );
    await audit(client, {
      actorId: viewer.id,
      action: 'license.added',
      objectType: 'license',
      objectId: code,
      detail: { ...input, facts: fact },
      ...origin,
    });
  });
}

/** Takes a license away that nothing has ever had. @throws 403; 404; 422 when something has it */
export async function removeLicense(
  { pool }: LicenseDeps,
  viewer: Viewer,
  code: string,
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const license = await findLicense(client, code);
    if (!license) throw notFound('vocabulary.gone');
    if (code === UNKNOWN) throw invalid({ field: 'what', key: 'license.fault.unknownStays' });
    if ((await touchedByLicense(client, code)).all > 0)
      throw invalid({ field: 'what', key: 'vocabulary.fault.used' });
    if (license.offered) await refuseNone(client, code);
    await client.query('DELETE FROM license WHERE code = $1', [code]);
    await audit(client, {
      actorId: viewer.id,
      action: 'license.removed',
      objectType: 'license',
      objectId: code,
      detail: { name: license.name },
      ...origin,
    });
  });
}

/** Moves a license one place in the list that the share form shows. @throws 403; 404 */
export async function moveLicense(
  { pool }: LicenseDeps,
  viewer: Viewer,
  { code, by }: { code: string; by: 'up' | 'down' },
  origin: Origin,
): Promise<void> {
  mayChange(viewer);
  await withTransaction(pool, async (client) => {
    await lockVocabularies(client);
    const { rows } = await client.query<{ code: string }>('SELECT code FROM license ORDER BY position, name');
    const codes = rows.map((row) => row.code);
    if (!(await moveOne(client, { table: 'license', key: 'code' }, codes, { which: code, by }))) return;
    await audit(client, {
      actorId: viewer.id,
      action: 'license.ordered',
      objectType: 'license',
      objectId: code,
      detail: { by },
      ...origin,
    });
  });
}

async function refuseTaken(client: Client, name: string, but: string): Promise<void> {
  const { rows } = await client.query('SELECT 1 FROM license WHERE plain(name) = plain($1) AND code <> $2', [
    name,
    but,
  ]);
  if (rows.length > 0) throw invalid({ field: 'name', key: 'vocabulary.fault.taken' });
}

/** Nobody could share anything if no license were offered. */
async function refuseNone(client: Client, code: string): Promise<void> {
  const { rows } = await client.query('SELECT 1 FROM license WHERE offered AND code <> $1 LIMIT 1', [code]);
  if (rows.length === 0) throw invalid({ field: 'offered', key: 'license.fault.last' });
}
