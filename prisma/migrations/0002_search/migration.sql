-- Search: the projection that PostgreSQL itself searches, and the bookkeeping of the indexer.

---------------------------------------------------------------- how texts become words
-- Accents never matter. One configuration for each language that has its own stems, and one for all others.
CREATE TEXT SEARCH CONFIGURATION shelf_en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION shelf_en
  ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION shelf_es (COPY = pg_catalog.spanish);
ALTER TEXT SEARCH CONFIGURATION shelf_es
  ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH unaccent, spanish_stem;
CREATE TEXT SEARCH CONFIGURATION shelf_any (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION shelf_any
  ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH unaccent, simple;

---------------------------------------------------------------- the projection

-- Values of facets and filters as small numbers: a resource's facets stay within its row, and counting them is cheap.
-- Rows are never changed or removed.
CREATE TABLE search_value (
  id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  facet text NOT NULL,
  value text NOT NULL,
  UNIQUE (facet, value)
);

-- One row a published resource. No foreign key: rows go by the indexer, as in every other engine.
CREATE TABLE search_document (
  resource_id  uuid PRIMARY KEY,
  audience     text[] NOT NULL,
  facets       integer[] NOT NULL, -- search_value: what is counted; standards and topics with all above them
  pairs        integer[] NOT NULL, -- search_value 'pair': standard|level, for the standard and all above it
  sets         integer[] NOT NULL, -- search_value 'set': standard|level+level, once for each of those standards
  config       regconfig NOT NULL,
  head         tsvector NOT NULL, -- title A, keywords, topics and codes B, summary and statements C: what ranks
  words        tsvector NOT NULL, -- head, description and the text of files that everyone who sees it may open
  staff_words  tsvector, -- words and the text of educators-only files; null where there is none
  title_sort   text COLLATE "C" NOT NULL,
  checked      boolean NOT NULL,
  complete     smallint NOT NULL, -- how much of the record is filled in
  used         integer NOT NULL,
  minutes      integer,
  published_at timestamptz NOT NULL,
  epoch        integer NOT NULL -- search_engine.epoch when it was written
);
CREATE INDEX search_document_words ON search_document USING gin (words);
CREATE INDEX search_document_staff_words ON search_document USING gin (staff_words) WHERE staff_words IS NOT NULL;
CREATE INDEX search_document_facets ON search_document USING gin (facets);
CREATE INDEX search_document_pairs ON search_document USING gin (pairs);
CREATE INDEX search_document_audience ON search_document USING gin (audience);

-- Where inside a resource words are found. The text itself stays where it is (blob_page, version).
-- Text that is in no file: `file_id` is the nil UUID, `page` 0 the description, -1 the full text of an import.
CREATE TABLE search_page (
  resource_id uuid NOT NULL REFERENCES search_document (resource_id) ON DELETE CASCADE,
  file_id     uuid NOT NULL,
  page        integer NOT NULL,
  words       tsvector NOT NULL,
  PRIMARY KEY (resource_id, file_id, page)
);

-- Words as they are written (without accents), for prefixes and misspellings. Only of resources that everyone in the
-- state may see, so that nobody learns of a word in one that is hidden from them; `open`: also seen by the public.
CREATE TABLE search_word (
  word  text COLLATE "C" PRIMARY KEY,
  open  boolean NOT NULL,
  docs  integer NOT NULL, -- roughly; stops counting at 1000
  epoch integer NOT NULL
);
CREATE INDEX search_word_trigrams ON search_word USING gin (word gin_trgm_ops);

---------------------------------------------------------------- the indexer

ALTER TABLE search_engine
  ADD COLUMN epoch integer NOT NULL DEFAULT 0, -- raised by each rebuild
  ADD COLUMN rebuild_done integer NOT NULL DEFAULT 0,
  ADD COLUMN rebuild_total integer NOT NULL DEFAULT 0,
  ADD COLUMN rebuilt_at timestamptz,
  ADD COLUMN down_since timestamptz, -- the indexer can't reach the engine
  ADD COLUMN last_error text;

-- As before; and it wakes the indexer when the transaction commits.
CREATE OR REPLACE FUNCTION mark_dirty(ids uuid[], how smallint DEFAULT 0) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_dirty AS d (engine, resource_id, priority)
  SELECT e.name, i.id, how FROM search_engine e CROSS JOIN (SELECT DISTINCT unnest(ids) AS id) i
  ORDER BY e.name, i.id
  ON CONFLICT (engine, resource_id) DO UPDATE
    SET priority = least(d.priority, excluded.priority), stamp = DEFAULT,
        marked_at = least(d.marked_at, clock_timestamp()), attempts = 0, retry_at = NULL;
  SELECT pg_notify('search_dirty', '');
$$;

-- Resources whose index entry names something else that changed.
CREATE FUNCTION mark_dirty_standards(guids uuid[], how smallint DEFAULT 2) RETURNS void LANGUAGE sql AS $$
  SELECT mark_dirty(ARRAY(
    SELECT DISTINCT a.resource_id FROM standard_ancestor s JOIN alignment a USING (standard_guid)
    WHERE s.ancestor_guid = ANY (guids) AND a.to_version IS NULL), how)
$$;
CREATE FUNCTION mark_dirty_topics(ids uuid[], how smallint DEFAULT 2) RETURNS void LANGUAGE sql AS $$
  SELECT mark_dirty(ARRAY(
    SELECT DISTINCT r.id FROM topic_ancestor t JOIN version_topic v USING (topic_id)
      JOIN resource r ON r.current_version_id = v.version_id
    WHERE t.ancestor_id = ANY (ids)), how)
$$;
CREATE FUNCTION mark_dirty_organizations(ids uuid[], how smallint DEFAULT 2) RETURNS void LANGUAGE sql AS $$
  SELECT mark_dirty(ARRAY(
    SELECT id FROM resource WHERE state = 'published' AND (organization_id = ANY (ids) OR district_id = ANY (ids))), how)
$$;

-- Changes that no service of the resource itself makes.
CREATE FUNCTION blob_text_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_dirty(ARRAY(
    SELECT DISTINCT f.resource_id FROM file f JOIN resource r ON r.id = f.resource_id
    WHERE f.sha256 = NEW.sha256 AND r.state = 'published'), 1::smallint);
  RETURN NULL;
END $$;
CREATE TRIGGER blob_text_searched AFTER UPDATE OF text_state, scan_state ON blob FOR EACH ROW
  WHEN (NEW.text_state IS DISTINCT FROM OLD.text_state OR NEW.scan_state IS DISTINCT FROM OLD.scan_state)
  EXECUTE FUNCTION blob_text_changed();

CREATE FUNCTION resource_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_dirty(ARRAY[coalesce(NEW.resource_id, OLD.resource_id)], TG_ARGV[0]::smallint);
  RETURN NULL;
END $$;
CREATE TRIGGER co_author_searched AFTER INSERT OR DELETE ON co_author FOR EACH ROW EXECUTE FUNCTION resource_part_changed(0);
CREATE TRIGGER use_mark_searched AFTER INSERT OR DELETE ON use_mark FOR EACH ROW EXECUTE FUNCTION resource_part_changed(1);

CREATE FUNCTION resource_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_dirty(ARRAY[OLD.id]);
  RETURN NULL;
END $$;
CREATE TRIGGER resource_gone_searched AFTER DELETE ON resource FOR EACH ROW EXECUTE FUNCTION resource_gone();
