-- Lists that every search needs stay in the memory of each process. A number says which state they are in: it grows in the
-- transaction of the change, so whoever sees the new number sees the new lists.
CREATE TABLE list_stamp (
  name  text PRIMARY KEY,
  stamp bigint NOT NULL DEFAULT 0
);
INSERT INTO list_stamp (name) VALUES ('vocabularies');

CREATE FUNCTION list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE list_stamp SET stamp = stamp + 1 WHERE name = TG_ARGV[0];
  RETURN NULL;
END $$;
CREATE TRIGGER subject_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON subject EXECUTE FUNCTION list_changed('vocabularies');
CREATE TRIGGER resource_type_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON resource_type EXECUTE FUNCTION list_changed('vocabularies');
CREATE TRIGGER setting_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON setting EXECUTE FUNCTION list_changed('vocabularies');
CREATE TRIGGER license_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON license EXECUTE FUNCTION list_changed('vocabularies');
CREATE TRIGGER competency_scale_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON competency_scale EXECUTE FUNCTION list_changed('vocabularies');
CREATE TRIGGER competency_level_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON competency_level EXECUTE FUNCTION list_changed('vocabularies');
CREATE TRIGGER topic_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON topic EXECUTE FUNCTION list_changed('vocabularies');
