-- Vocabularies that the state's administrators change: retired values, the order of topics, and what things were called before.

-- A retired value stays on what has it and is offered no more.
ALTER TABLE subject ADD COLUMN retired_at timestamptz;
ALTER TABLE resource_type ADD COLUMN retired_at timestamptz;
ALTER TABLE setting ADD COLUMN retired_at timestamptz;

-- The place of a topic in reading order of the whole tree; written by order_topics().
ALTER TABLE topic ADD COLUMN tree_order integer NOT NULL DEFAULT 0;
CREATE FUNCTION order_topics() RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE tree AS (
    SELECT id, ARRAY[lpad(position::text, 9, '0') || plain(name) || id::text] AS place FROM topic WHERE parent_id IS NULL
    UNION ALL
    SELECT t.id, tree.place || (lpad(t.position::text, 9, '0') || plain(t.name) || t.id::text) FROM tree JOIN topic t ON t.parent_id = tree.id),
  ordered AS (SELECT id, row_number() OVER (ORDER BY place) AS n FROM tree)
  UPDATE topic t SET tree_order = o.n FROM ordered o WHERE o.id = t.id AND t.tree_order <> o.n;
$$;
SELECT order_topics();

-- Slugs, names and paths that values had, and the slug of the value that they mean now: old addresses lead there, and
-- rows of imports are still understood.
CREATE TABLE former_term (
  kind  text NOT NULL CHECK (kind IN ('topic', 'subject', 'type', 'setting')),
  word  text NOT NULL CHECK (word <> ''),
  value text NOT NULL,
  PRIMARY KEY (kind, word)
);
CREATE INDEX former_term_value ON former_term (kind, value);
CREATE TRIGGER former_term_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON former_term
  EXECUTE FUNCTION list_changed('vocabularies');

-- How many resources a value touches is asked before it is changed.
CREATE INDEX version_subject_subject ON version_subject (subject);
CREATE INDEX version_type ON version (type) WHERE type IS NOT NULL;
CREATE INDEX version_setting ON version (setting) WHERE setting IS NOT NULL;
CREATE INDEX version_license ON version (license) WHERE license IS NOT NULL;
CREATE INDEX topic_subject ON topic (subject_slug) WHERE subject_slug IS NOT NULL;

-- Changes of so many resources that a job makes them; small ones are made at once and need no row.
CREATE TABLE vocabulary_change (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id  uuid REFERENCES person (id) ON DELETE SET NULL,
  kind       text NOT NULL CHECK (kind IN ('topic', 'subject', 'type', 'setting')),
  target     text NOT NULL, -- id of the topic, slug of the value
  change     jsonb NOT NULL, -- what was asked for
  name       text NOT NULL, -- what it was called then
  seen       text NOT NULL, -- the state that was looked at; another one by now: refused
  origin     jsonb NOT NULL DEFAULT '{}',
  state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
  resources  integer NOT NULL,
  -- its marks for the index have stamps behind the first, up to the second
  stamp_from bigint,
  stamp_to   bigint,
  made_at    timestamptz NOT NULL DEFAULT now(),
  done_at    timestamptz
);
CREATE INDEX vocabulary_change_made ON vocabulary_change (made_at);
CREATE INDEX vocabulary_change_person ON vocabulary_change (person_id);
