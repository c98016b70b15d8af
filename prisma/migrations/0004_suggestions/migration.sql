-- Titles by the beginnings of their words, for suggestions while someone types (search_document.title_sort is plain(title)).
CREATE INDEX search_document_title ON search_document USING gin (title_sort gin_trgm_ops);
