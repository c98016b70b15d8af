-- When an engine last took changes: one that takes none for a minute, while changes wait, no longer answers searches.
ALTER TABLE search_engine ADD COLUMN taken_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- The processes of the portal, so that whoever runs it sees whether all of them are up and of one version.
CREATE TABLE process (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('web', 'worker', 'both')),
  version text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  heard_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
