-- A resource that names no authors is found by its owner's name: whichever way that changes, its index entry follows.
CREATE FUNCTION person_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[] := ARRAY(
    SELECT r.id FROM resource r JOIN version v ON v.id = r.current_version_id
    WHERE r.owner_id = NEW.id AND r.state = 'published' AND v.authors = '');
BEGIN
  -- Somebody's own few go first; very many wait behind what people change.
  IF cardinality(ids) > 0 THEN
    PERFORM mark_dirty(ids, (cardinality(ids) > 200)::int::smallint);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER person_name_searched AFTER UPDATE OF name ON person FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION person_renamed();
