import type { Pool } from 'pg';
import { resourcePath } from '../lib/slug.ts';
import { audiencesOf, type Viewer } from '../lib/viewer.ts';
import { isMessageKey, type MessageParams, type Translate } from '../locale/locale.ts';
import type { CheckedResource } from './check-facts-queries.ts';
import type { FindingItem } from './check-view.ts';

/** What was found in one respect. `key` ends the message `curate.finding.<kind>.<key>`. */
export type Finding = {
  kind: 'files' | 'text' | 'link' | 'license' | 'alignments' | 'duplicates' | 'students';
  severity: 'good' | 'hint' | 'warn' | 'stop';
  detail: { key: string; params?: MessageParams; ids?: string[] };
};

type FindingRow = Finding & { others: { id: string; title: string; language: string }[] };

const ORDER = ['stop', 'warn', 'hint', 'good'];

/** What the portal found in the version that is to be checked, the gravest first; of other resources only what the viewer may see. */
export async function findingsOf(
  pool: Pool,
  viewer: Viewer,
  resource: CheckedResource,
): Promise<FindingRow[]> {
  const { rows } = await pool.query<FindingRow>(
    `SELECT f.kind, f.severity, f.detail,
       coalesce((SELECT json_agg(json_build_object('id', r.id, 'title', v.title, 'language', v.language) ORDER BY g.place)
                 FROM jsonb_array_elements_text(f.detail->'ids') WITH ORDINALITY AS g (id, place) JOIN resource r ON r.id = g.id::uuid
                 JOIN version v ON v.id = r.current_version_id
                 WHERE r.state = 'published' AND r.audience && $2::text[]), '[]') AS others
     FROM auto_finding f WHERE f.version_id = $1`,
    [resource.state === 'submitted' ? resource.draftId : resource.currentVersionId, audiencesOf(viewer)],
  );
  return rows
    .filter(({ detail, others }) => !detail.ids?.length || others.length > 0)
    .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** Findings in words. */
export const findingItems = (rows: FindingRow[], t: Translate): FindingItem[] =>
  rows.flatMap(({ kind, severity, detail, others }) => {
    const key = `curate.finding.${kind}.${detail.key}`;
    if (!isMessageKey(key)) return [];
    return [
      {
        kind,
        severity,
        says: t(key, { ...named(detail.params), ...(others.length > 0 ? { count: others.length } : {}) }),
        links: others.map(({ id, title, language }) => ({
          label: title,
          url: resourcePath(id, title),
          language,
        })),
      },
    ];
  });

/** Licenses are kept by their codes and read by their names: `CC-BY-SA-4.0` is CC BY-SA 4.0. */
const named = (params: MessageParams = {}): MessageParams =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace(/^CC-(.+)-(\d\.\d)$/, 'CC $1 $2') : value,
    ]),
  );
