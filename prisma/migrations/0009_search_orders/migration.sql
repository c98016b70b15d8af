-- Nearly everything is open to nearly everyone, so this index never narrows a question, and the planner was misled by it:
-- it read all keys to find the twenty resources of a page.
DROP INDEX IF EXISTS resource_audience_keys;

-- Each process knows the order by quality itself; for the order by title it asks.
DROP INDEX search_document_quality;
CREATE INDEX search_document_by_title ON search_document (title_sort, resource_id);
