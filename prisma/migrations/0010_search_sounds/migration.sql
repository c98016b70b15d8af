-- How each written word sounds (server/search/spelling/sound-keys.ts), so that words spelled by ear find what was meant.
-- Filled as entries are written; the PostgreSQL engine writes them all anew after this step.
ALTER TABLE search_word ADD COLUMN sounds text[] NOT NULL DEFAULT '{}';
CREATE INDEX search_word_sounds ON search_word USING gin (sounds);
