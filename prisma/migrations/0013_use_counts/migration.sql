-- Uses are counted once a statement, not once a row: whoever writes many at a time changes each resource once.
DROP TRIGGER use_mark_counted ON use_mark;
DROP TRIGGER use_mark_searched ON use_mark;
DROP FUNCTION count_uses();

CREATE FUNCTION uses_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE resource r SET used_count = used_count + CASE TG_OP WHEN 'INSERT' THEN c.uses ELSE -c.uses END
  FROM (SELECT resource_id, count(*)::int AS uses FROM changed GROUP BY resource_id) c WHERE r.id = c.resource_id;
  PERFORM mark_dirty(ARRAY(SELECT DISTINCT resource_id FROM changed), 1::smallint);
  RETURN NULL;
END $$;
CREATE TRIGGER use_mark_added AFTER INSERT ON use_mark REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION uses_changed();
CREATE TRIGGER use_mark_taken_back AFTER DELETE ON use_mark REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION uses_changed();
