-- Which entries a change of search_document brought and took, so that a process that knows what was visible before need
-- not read all entries again after each of an import's many changes. A change without a row here has to be read anew.
CREATE TABLE search_change (
  changes bigint PRIMARY KEY, -- search_engine.changes, after it
  added   integer[] NOT NULL, -- search_document.number
  removed integer[] NOT NULL
);
