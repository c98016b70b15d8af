-- What puts hits in order, beside the row as its words are: the folded words of title, keywords, summary and so on, and
-- what the record is worth by itself. Entries of before have neither until the index is built anew.
ALTER TABLE search_document
  ADD COLUMN quality smallint NOT NULL DEFAULT 0, -- 0 to 1000
  ADD COLUMN fields json;
ALTER TABLE search_document ALTER COLUMN fields SET STORAGE EXTERNAL;
