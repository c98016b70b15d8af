-- Words by which people ask for a competency level, as the state writes them. No row at all: the starter words count.
CREATE TABLE level_word (
  level_id uuid NOT NULL REFERENCES competency_level (id) ON DELETE CASCADE,
  word     text NOT NULL CHECK (word <> ''),
  position integer NOT NULL DEFAULT 0,
  PRIMARY KEY (level_id, word)
);
CREATE TRIGGER level_word_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON level_word
  EXECUTE FUNCTION list_changed('vocabularies');
