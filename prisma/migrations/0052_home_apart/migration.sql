-- What neither everyone nor every educator may see is little, and counted for each viewer on the home page beside what all
-- see (home-queries.ts), as search does (0050).
CREATE INDEX resource_apart ON resource USING gin (audience) WHERE state = 'published' AND NOT audience && '{public,state}'::text[];
