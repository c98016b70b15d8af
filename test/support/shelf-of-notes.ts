import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Deps } from '../../server/deps.ts';
import { keepUpload } from '../../server/files/file-service.ts';
import { catalogId } from './catalog.ts';

export interface ShelvedNote {
  sha256: string;
  /** Where it is handed out. */
  url: string;
  /** Where its content lies. */
  path: string;
}

/** Files on the catalog's shelf that are really there, for tests that damage them. */
export function shelfOfNotes(deps: Pick<Deps, 'pool' | 'files' | 'config'>) {
  const { pool, files, config } = deps;
  const send = async (text: string): Promise<string> => {
    const staged = await files.stage(Readable.from([Buffer.from(text)]), { maxBytes: 1e6 });
    const kept = await keepUpload(deps, staged, 'notes.txt');
    if (!kept.ok) throw new Error(kept.reason);
    return kept.sha256;
  };
  return {
    /** Takes all files away. The catalog's own have no content; each test brings what it needs. */
    async empty(): Promise<void> {
      await pool.query('DELETE FROM version_file; DELETE FROM file; DELETE FROM blob');
      const content = join(config.dataDir, 'files/content');
      await rm(content, { recursive: true });
      await mkdir(content);
    },
    /** A file of the catalog's resource about cells, as its teacher sent it; it was read, and nothing waits any more. */
    async put(text: string): Promise<ShelvedNote> {
      const sha256 = await send(text);
      const { rows } = await pool.query<{ id: string }>(
        `WITH f AS (INSERT INTO file (resource_id, sha256, name) VALUES ($1, $2, 'notes.txt') RETURNING id),
           v AS (INSERT INTO version_file (version_id, file_id) SELECT r.current_version_id, f.id FROM resource r, f WHERE r.id = $1)
         SELECT id FROM f`,
        [catalogId('resource', 'cells'), sha256],
      );
      await pool.query(`UPDATE blob SET text_state = 'none', preview_state = 'none' WHERE sha256 = $1`, [
        sha256,
      ]);
      await pool.query('DELETE FROM search_dirty');
      await pool.query('SELECT graphile_worker.complete_jobs(array_agg(id)) FROM graphile_worker.jobs');
      return { sha256, url: `/files/${rows[0]?.id}/notes.txt`, path: files.path(sha256) };
    },
    /** The same content arrives again. */
    sendAgain: send,
  };
}
