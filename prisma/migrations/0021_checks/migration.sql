-- How the state's curators check: what waits, what was decided, what was said about it.

-- A rubric is data: criteria, and a scale whose lowest label has the number `lowest`.
CREATE TABLE rubric (
  id       uuid PRIMARY KEY DEFAULT uuidv7(),
  slug     text NOT NULL UNIQUE,
  name     text NOT NULL,
  source   text, -- where it was taken from; null: the state's own, which may be changed
  lowest   smallint NOT NULL DEFAULT 1,
  labels   text[] NOT NULL CHECK (cardinality(labels) BETWEEN 2 AND 7),
  position integer NOT NULL DEFAULT 0
);
CREATE TABLE rubric_criterion (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  rubric_id  uuid NOT NULL REFERENCES rubric (id),
  position   integer NOT NULL,
  name       text NOT NULL CHECK (name <> ''),
  hint       text NOT NULL DEFAULT '',
  retired_at timestamptz -- no longer asked for; ratings by it stay
);
CREATE INDEX rubric_criterion_rubric ON rubric_criterion (rubric_id, position);

INSERT INTO rubric (slug, name, source, lowest, labels, position) VALUES
  ('state', 'Five plain questions', NULL, 1, ARRAY['Not yet', 'Partly', 'Yes', 'A model for others'], 0),
  ('achieve-oer', 'Achieve OER Rubrics', 'https://www.achieve.org/oer-rubrics', 0, ARRAY['Very weak or none', 'Limited', 'Strong', 'Superior'], 1);
INSERT INTO rubric_criterion (rubric_id, position, name, hint)
SELECT r.id, c.position, c.name, c.hint FROM (VALUES
  ('state', 1, 'What it says is right', 'Facts, examples and the answer key hold.'),
  ('state', 2, 'It does what the standard asks', 'Students do the work of the standard, not only talk about it.'),
  ('state', 3, 'It suits students at its level', 'The step is neither already made nor out of reach.'),
  ('state', 4, 'A colleague could teach it tomorrow', 'Steps, time and materials are there.'),
  ('state', 5, 'Every student can get at it', 'Readable by a screen reader, in print and on a phone; words explained.'),
  ('achieve-oer', 1, 'Degree of alignment to standards', 'Rubric I'),
  ('achieve-oer', 2, 'Quality of explanation of the subject matter', 'Rubric II'),
  ('achieve-oer', 3, 'Utility of materials designed to support teaching', 'Rubric III'),
  ('achieve-oer', 4, 'Quality of assessments', 'Rubric IV'),
  ('achieve-oer', 5, 'Quality of technological interactivity', 'Rubric V'),
  ('achieve-oer', 6, 'Quality of instructional and practice exercises', 'Rubric VI'),
  ('achieve-oer', 7, 'Opportunities for deeper learning', 'Rubric VII'),
  ('achieve-oer', 8, 'Assurance of accessibility', 'Rubric VIII')
) AS c (slug, position, name, hint) JOIN rubric r ON r.slug = c.slug;

-- What the state promises and how it checks: one row.
CREATE TABLE check_setting (
  one           boolean PRIMARY KEY DEFAULT true CHECK (one),
  promise_days  integer NOT NULL DEFAULT 10 CHECK (promise_days BETWEEN 1 AND 200), -- school days
  lease_minutes integer NOT NULL DEFAULT 45 CHECK (lease_minutes BETWEEN 5 AND 480),
  rubric_id     uuid REFERENCES rubric (id), -- null: no rubric
  updated_at    timestamptz NOT NULL DEFAULT now(),
  updated_by    uuid REFERENCES person (id)
);
INSERT INTO check_setting (rubric_id) SELECT id FROM rubric WHERE slug = 'state';

-- What waits for a check, and why. The row goes with the decision.
CREATE TABLE check_wait (
  resource_id uuid PRIMARY KEY REFERENCES resource (id) ON DELETE CASCADE,
  whys        text[] NOT NULL CHECK (cardinality(whys) > 0
                AND whys <@ ARRAY['disputed', 'flagged', 'students', 'asked', 'new_version', 'adaptation', 'new']),
  since       timestamptz NOT NULL DEFAULT now(),
  assigned_to uuid REFERENCES person (id),
  -- who has it open, and until when that holds without another sign of life
  held_by     uuid REFERENCES person (id),
  held_until  timestamptz,
  CHECK ((held_by IS NULL) = (held_until IS NULL))
);
CREATE INDEX check_wait_since ON check_wait (since, resource_id);
CREATE INDEX check_wait_assigned ON check_wait (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX check_wait_held ON check_wait (held_until) WHERE held_by IS NOT NULL;

-- Puts a resource into the queue, in the transaction that makes it necessary; what waits already keeps its place.
CREATE FUNCTION ask_check(id uuid, why text, at timestamptz DEFAULT now()) RETURNS void LANGUAGE sql AS $$
  INSERT INTO check_wait AS w (resource_id, whys, since) VALUES (id, ARRAY[why], at)
  ON CONFLICT (resource_id) DO UPDATE SET whys = CASE WHEN excluded.whys <@ w.whys THEN w.whys ELSE w.whys || excluded.whys END
$$;

-- One decision about one version. Never changed; resource.check_state and alignment.check_state show the latest.
CREATE TABLE resource_check (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  version_id  uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  person_id   uuid NOT NULL REFERENCES person (id),
  for_id      uuid NOT NULL REFERENCES organization (id), -- the state, or the district
  outcome     text NOT NULL CHECK (outcome IN ('checked', 'returned', 'withdrawn')),
  settles     boolean NOT NULL DEFAULT false, -- a lead's decision in a dispute
  note        text NOT NULL DEFAULT '' CHECK (length(note) <= 4000), -- to the author
  rubric_id   uuid REFERENCES rubric (id),
  waited_from timestamptz, -- since when it had waited
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX resource_check_resource ON resource_check (resource_id, created_at DESC);
CREATE INDEX resource_check_when ON resource_check (created_at);
CREATE TABLE alignment_check (
  check_id     uuid NOT NULL REFERENCES resource_check (id) ON DELETE CASCADE,
  alignment_id uuid NOT NULL REFERENCES alignment (id) ON DELETE CASCADE,
  fit          text NOT NULL CHECK (fit IN ('full', 'part', 'other_level', 'none')),
  level_id     uuid REFERENCES competency_level (id), -- which, for other_level
  note         text NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
  PRIMARY KEY (check_id, alignment_id),
  CHECK ((fit = 'other_level') = (level_id IS NOT NULL))
);
CREATE INDEX alignment_check_alignment ON alignment_check (alignment_id);
CREATE TABLE check_rating (
  check_id     uuid NOT NULL REFERENCES resource_check (id) ON DELETE CASCADE,
  criterion_id uuid NOT NULL REFERENCES rubric_criterion (id),
  rating       smallint NOT NULL,
  PRIMARY KEY (check_id, criterion_id)
);

-- What authors and curators say to each other about a resource; it stays with it.
CREATE TABLE check_message (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  person_id   uuid NOT NULL REFERENCES person (id),
  kind        text NOT NULL CHECK (kind IN ('answer', 'dispute', 'asked')),
  staff       boolean NOT NULL DEFAULT false, -- written as staff, not as an author
  text        text NOT NULL DEFAULT '' CHECK (length(text) <= 4000),
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX check_message_resource ON check_message (resource_id, created_at);

-- What the portal itself found when it looked a version over.
CREATE TABLE auto_finding (
  version_id  uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  kind        text NOT NULL CHECK (kind IN ('files', 'text', 'link', 'license', 'alignments', 'duplicates', 'students')),
  severity    text NOT NULL CHECK (severity IN ('good', 'hint', 'warn', 'stop')),
  detail      jsonb NOT NULL DEFAULT '{}',
  found_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (version_id, kind)
);

-- The author was shown what looks like data of students, and says that it is none.
ALTER TABLE version ADD COLUMN no_student_data boolean NOT NULL DEFAULT false;
