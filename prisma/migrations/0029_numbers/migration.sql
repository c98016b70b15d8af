-- What the page of numbers shows, gathered by a job (server/insights/numbers-refresh.ts) so that no visit counts it again.
-- `place` is a district's id, 'none' (the public, people and works of the state), or 'state' (everything together).

-- Reuse in a month, by whose people reused: of all, of a subject (its slug) or of a standard (its GUID).
CREATE TABLE reuse_month (
  month   date NOT NULL,
  kind    text NOT NULL CHECK (kind IN ('all', 'subject', 'standard')),
  key     text NOT NULL,
  place   text NOT NULL,
  opened  integer NOT NULL,
  taken   integer NOT NULL,
  used    integer NOT NULL,
  adapted integer NOT NULL,
  PRIMARY KEY (kind, month, key, place)
);

-- How many people said that they used something in the months back from the present one: what decides whether a number may
-- be shown. It can't be added up, so it is kept for each period that the page offers.
CREATE TABLE reuse_people (
  months smallint NOT NULL,
  kind   text NOT NULL CHECK (kind IN ('all', 'subject', 'standard')),
  key    text NOT NULL,
  place  text NOT NULL,
  people integer NOT NULL,
  PRIMARY KEY (kind, months, key, place)
);

-- What was put on the shelf and checked in a month, by whose resources; days from publishing a version to its first check.
CREATE TABLE work_month (
  month       date NOT NULL,
  place       text NOT NULL,
  published   integer NOT NULL,
  checked     integer NOT NULL,
  timed       integer NOT NULL, -- checks that the times are of
  median_days double precision,
  slow_days   double precision, -- nine in ten took no longer
  PRIMARY KEY (month, place)
);

-- When each month was gathered last.
CREATE TABLE numbers_refresh (
  month        date PRIMARY KEY,
  refreshed_at timestamptz NOT NULL
);

CREATE INDEX daily_count_day ON daily_count (day);
CREATE INDEX use_mark_when ON use_mark (created_at);
CREATE INDEX resource_was_published ON resource (first_published_at) WHERE state IN ('published', 'withdrawn');
