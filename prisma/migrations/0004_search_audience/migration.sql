-- Nearly everything is open to nearly everyone, so this index never narrows a search, and the planner was misled by it.
DROP INDEX search_document_audience;
