/** An id as the database reads it; anything else names nothing. */
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/** The id of an event's object, where it is one of ours; null for slugs and hashes. */
export const objectUuidSql = `CASE WHEN object_id ~ '${UUID}' THEN object_id::uuid END`;

/**
 * What an event is about, in words as they are today: the log itself keeps ids only, so a name or an address is gone from
 * its page as soon as it is gone from the portal. Each look-up is one by a key.
 *
 * `e` is the event, with `uuid` from `objectUuidSql`. What only an organization's own administrators may read is named where
 * `ours` holds for that organization; resources and collections where the viewer's `keys` open them.
 */
export const objectNameSql = ({ ours, keys }: { ours: (organization: string) => string; keys: string }) => {
  const title = (id: string) => `(SELECT v.title FROM resource r JOIN version v ON v.id = r.current_version_id
      WHERE r.id = ${id} AND r.state = 'published' AND r.audience && ${keys})`;
  const named = (id: string) =>
    `coalesce((SELECT name FROM organization WHERE id = ${id}), (SELECT name FROM person WHERE id = ${id}), '?')`;
  return `CASE e.object_type
    WHEN 'person' THEN (SELECT name FROM person WHERE id = e.uuid)
    WHEN 'topic' THEN (SELECT path FROM topic WHERE id = e.uuid)
    WHEN 'organization' THEN (SELECT name FROM organization WHERE id = e.uuid)
    WHEN 'framework' THEN (SELECT title FROM framework WHERE guid = e.uuid)
    WHEN 'standard' THEN (SELECT coalesce(code, left(statement, 80)) FROM standard WHERE guid = e.uuid)
    WHEN 'competency_scale' THEN (SELECT name FROM competency_scale WHERE id = e.uuid)
    WHEN 'synonym_group' THEN (SELECT concat_ws(': ', term, array_to_string(words, ', ')) FROM synonym_group WHERE id = e.uuid)
    WHEN 'resource' THEN ${title('e.uuid')}
    WHEN 'flag' THEN ${title('(SELECT resource_id FROM flag WHERE id = e.uuid)')}
    WHEN 'comment' THEN ${title('(SELECT resource_id FROM comment WHERE id = e.uuid)')}
    WHEN 'collection' THEN (SELECT nullif(title, '') FROM collection WHERE id = e.uuid AND audience && ${keys})
    WHEN 'transfer' THEN (SELECT ${named('m.from_id')} || ' → ' || ${named('m.to_id')} FROM transfer m WHERE m.id = e.uuid)
    WHEN 'invitation' THEN coalesce(
      (SELECT i.email FROM invitation i WHERE i.id = e.uuid AND ${ours('i.organization_id')}),
      (SELECT q.email FROM audit_event a JOIN person q ON q.id = a.actor_id
       WHERE a.action = 'invitation.accepted' AND a.detail ->> 'invitation' = e.object_id AND ${ours('a.organization_id')} LIMIT 1))
    WHEN 'import_run' THEN (SELECT s.name || ': ' || u.input_name FROM import_run u JOIN import_source s ON s.id = u.source_id
      WHERE u.id = e.uuid AND ${ours('s.district_id')})
    WHEN 'import_upload' THEN (SELECT s.name || ': ' || u.input_name FROM import_upload u JOIN import_source s ON s.id = u.source_id
      WHERE u.id = e.uuid AND ${ours('s.district_id')})
    WHEN 'staff_list' THEN (SELECT f.file_name FROM staff_file f WHERE f.id = e.uuid AND ${ours('f.organization_id')})
  END`;
};
