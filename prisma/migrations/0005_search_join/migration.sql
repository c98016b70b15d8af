-- The words of all pages of a resource as one vector, so that every page is read once for both.
CREATE AGGREGATE join_words(tsvector) (SFUNC = pg_catalog.tsvector_concat, STYPE = tsvector);
