-- What neither everyone nor every educator may see is little. Whoever browses is shown the rest from a list that all
-- share, and these for the keys that are theirs alone (postgres-visible.ts).
CREATE INDEX search_document_apart ON search_document USING gin (audience) WHERE NOT audience && '{public,state}'::text[];
