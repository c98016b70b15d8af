-- Every time an entry is written it gets another number, so what a number stands for never changes: a process may keep
-- it in memory, count facets there, and be exact whoever writes meanwhile.
CREATE SEQUENCE search_document_number AS integer;
ALTER TABLE search_document ADD COLUMN number integer NOT NULL DEFAULT nextval('search_document_number');
ALTER SEQUENCE search_document_number OWNED BY search_document.number;
CREATE UNIQUE INDEX search_document_number_key ON search_document (number);

-- Raised with every change of search_document: the same number means the same entries.
ALTER TABLE search_engine ADD COLUMN changes bigint NOT NULL DEFAULT 0;

-- The order of a list without words.
CREATE INDEX search_document_quality ON search_document (checked DESC, complete DESC, used DESC, published_at DESC, resource_id);
-- Which entries have a word in their title, for words that are in nearly every text.
CREATE INDEX search_document_title_words ON search_document USING gin (ts_filter(head, '{a}'));
