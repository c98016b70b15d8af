-- A standard's words are kept, for ranking them as someone types took the time of reading thousands of statements.
ALTER TABLE standard ADD COLUMN words tsvector
  GENERATED ALWAYS AS (to_tsvector('english', coalesce(short_statement, '') || ' ' || statement)) STORED;
DROP INDEX standard_text;
CREATE INDEX standard_text ON standard USING gin (words);
