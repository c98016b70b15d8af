-- What is remembered of searches: counts without a person, what people asked for, and searches that they keep.

-- One row a week, district and search. Nobody can be told from it.
CREATE TABLE search_statistic (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  week        date NOT NULL, -- its Monday
  district_id uuid REFERENCES organization (id), -- of the reader; null: the public and the state's own people
  address     text NOT NULL CHECK (address LIKE '/search%'), -- canonical, without page and sort
  words       text NOT NULL, -- as typed, in small letters
  searches    integer NOT NULL DEFAULT 0,
  empty       integer NOT NULL DEFAULT 0, -- how many of them found nothing
  opened      integer NOT NULL DEFAULT 0, -- how often a result was opened
  found       integer NOT NULL DEFAULT 0, -- by the last of them
  UNIQUE NULLS NOT DISTINCT (week, district_id, address)
);
CREATE INDEX search_statistic_words ON search_statistic USING gin (plain(words) gin_trgm_ops) WHERE words <> '';

-- "Ask for it": what somebody didn't find.
CREATE TABLE search_ask (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id  uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  address    text NOT NULL CHECK (address LIKE '/search%'),
  words      text NOT NULL,
  note       text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at  timestamptz,
  closed_by  uuid REFERENCES person (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX search_ask_once ON search_ask (person_id, address) WHERE closed_at IS NULL;
CREATE INDEX search_ask_open ON search_ask (created_at) WHERE closed_at IS NULL;

CREATE TABLE saved_search (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id  uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  name       text NOT NULL CHECK (name <> ''),
  address    text NOT NULL CHECK (address LIKE '/search%'), -- canonical, without page
  mail       text NOT NULL DEFAULT 'never' CHECK (mail IN ('never', 'daily', 'weekly')),
  told_until timestamptz NOT NULL DEFAULT now(), -- what is newer goes into the next mail
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (person_id, address)
);
CREATE INDEX saved_search_mail ON saved_search (mail, person_id) WHERE mail <> 'never';
CREATE INDEX resource_checked ON resource (checked_at) WHERE state = 'published' AND check_state = 'checked';
CREATE INDEX resource_first_published ON resource (first_published_at) WHERE state = 'published';
