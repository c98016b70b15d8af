-- Which entries a change of search_document brought and took, so that a process that knows what was visible before need
-- not read all entries again after each of an import's many changes. A change without a row here has to be read anew.
CREATE TABLE search_change (
  changes bigint PRIMARY KEY, -- search_engine.changes, after it
  added   integer[] NOT NULL, -- search_document.number
  removed integer[] NOT NULL
);

-- Each search reads what the entries' indexes have not sorted in yet, up to 4 MB of it while an import is indexed: a little of
-- it is sorted in more often instead.
ALTER INDEX search_document_words SET (gin_pending_list_limit = 128);
ALTER INDEX search_document_head SET (gin_pending_list_limit = 128);
ALTER INDEX search_document_title_words SET (gin_pending_list_limit = 64);
ALTER INDEX search_document_title SET (gin_pending_list_limit = 128);
ALTER INDEX search_document_facets SET (gin_pending_list_limit = 64);
ALTER INDEX search_document_pairs SET (gin_pending_list_limit = 64);
ALTER INDEX search_word_trigrams SET (gin_pending_list_limit = 64);
ALTER INDEX search_word_sounds SET (gin_pending_list_limit = 64);

-- How many resources have a word changes all the time, and no index knows of it: with room beside it a row stays in its place.
ALTER TABLE search_word SET (fillfactor = 70);
