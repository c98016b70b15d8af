import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Express } from 'express';
import supertest from 'supertest';
import type { Deps } from '../../server/deps.ts';
import { runOptions } from '../../server/imports/run-options.ts';
import { noteUpload } from '../../server/imports/upload-service.ts';
import { noOrigin } from '../../server/lib/origin.ts';
import { makeCarlaAdministrator } from './administrator.ts';
import type { testApp } from './app.ts';
import { catalogId, seedCatalog, type Catalog } from './catalog.ts';
import type { TestDatabase } from './database.ts';
import { runImport } from './import-runs.ts';
import { indexCatalog } from './index-catalog.ts';
import { samplePdf } from './sample-files.ts';
import { signedIn } from './sign-in.ts';

type Browser = Awaited<ReturnType<typeof signedIn>>;

export interface FurnishedPortal {
  app: Express;
  deps: Deps;
  catalog: Catalog;
  /** A file of the resource `forces-packet` that has its content, text and one picture. */
  fileId: string;
  /** Of the state, for everyone, kept by a rule. */
  collectionId: string;
  /** A group of synonyms. */
  synonymId: string;
  /** An import of the district north: one row in, one rejected. */
  importId: string;
  /** A file of the same district whose columns aren't mapped yet. */
  uploadId: string;
  browsers: { public: Pick<Browser, 'get' | 'post'>; teacher: Browser; administrator: Browser };
}

/** The portal with the catalog on its shelf and in its index, and with people who are signed in. Call it in `beforeAll`. */
export async function furnishedPortal(
  database: TestDatabase,
  { app, deps }: Awaited<ReturnType<typeof testApp>>,
): Promise<FurnishedPortal> {
  const catalog = await seedCatalog(database.pool);
  const fileId = await storeContent(deps, 'forces-packet/forces.pdf');
  await storeContent(deps, 'forces-packet/forces-key.pdf');
  // Nora, who is signed in, gets a draft of her own.
  await database.pool.query(
    'UPDATE resource SET owner_id = $1, organization_id = $2, district_id = $3 WHERE id = $4',
    [
      catalogId('person', 'nora'),
      catalogId('organization', 'north-elementary'),
      catalogId('organization', 'north'),
      catalog.id('drafty'),
    ],
  );
  await indexCatalog(deps, catalog);
  const administrator = await signedIn(app, database, await makeCarlaAdministrator(database.pool));
  const teacher = await signedIn(app, database, 'nora@test.example');
  const { rows } = await database.pool.query<{ id: string }>(
    'SELECT id FROM synonym_group ORDER BY id LIMIT 1',
  );
  const synonymId = rows[0]?.id ?? '';
  const { rows: made } = await database.pool.query<{ id: string }>(
    `INSERT INTO collection (owner_id, organization_id, kind, title, visibility, rule)
     VALUES ($1, $2, 'rule', 'Forces', 'public', '/search?q=forces&read=words') RETURNING id`,
    [catalogId('person', 'carla'), catalogId('organization', 'state')],
  );
  const collectionId = made[0]?.id ?? '';
  const districtId = catalogId('organization', 'north');
  const content = [
    { external_id: 'R1', title: 'Rope, counted', url: 'https://maps.north.example/rope' },
    { external_id: 'R2', title: 'Rope without an end' },
  ];
  const run = await runImport(deps, { districtId, source: 'furnished', content });
  const uploadId = await noteUpload(
    deps,
    {
      districtId,
      source: 'furnished',
      personId: catalogId('person', 'nora'),
      options: runOptions.parse({}),
      input: run.input,
    },
    noOrigin,
  );
  return {
    app,
    deps,
    catalog,
    fileId,
    collectionId,
    synonymId,
    importId: run.id,
    uploadId,
    browsers: { public: supertest(app), teacher, administrator },
  };
}

/** The catalog's files are only said to be there; these are. */
async function storeContent({ pool, files }: Deps, name: string): Promise<string> {
  const before = createHash('sha256').update(name).digest('hex');
  const { sha256, size } = await files.receive(Readable.from(await samplePdf([name])), { maxBytes: 1e6 });
  await pool.query(
    `INSERT INTO blob (sha256, size, kind, mime, scan_state, text_state, preview_state, page_count)
     VALUES ($1, $2, 'pdf', 'application/pdf', 'clean', 'done', 'done', 1)`,
    [sha256, size],
  );
  await pool.query(
    `INSERT INTO blob_page (sha256, page, label, text) SELECT $1, page, label, text FROM blob_page WHERE sha256 = $2`,
    [sha256, before],
  );
  await files.putDerived(sha256, 'page-1', Readable.from(['not really a picture']));
  await pool.query(
    `INSERT INTO blob_preview (sha256, page, width, height, name) VALUES ($1, 1, 100, 130, 'page-1')`,
    [sha256],
  );
  const fileId = catalogId('file', name);
  await pool.query('UPDATE file SET sha256 = $1 WHERE id = $2', [sha256, fileId]);
  return fileId;
}
