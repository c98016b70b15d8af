-- What teachers say about a resource, flags on what is wrong, what was taken down, and what was purged.

-- Hidden from all but its authors and staff, while a flag of student data or safety is open.
ALTER TABLE resource ADD COLUMN held_at timestamptz;

CREATE OR REPLACE FUNCTION resource_audience(r resource) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN r.held_at IS NULL AND r.visibility = 'public' THEN ARRAY['public']
    WHEN r.held_at IS NULL AND r.visibility = 'state' THEN ARRAY['state']
    ELSE
      ARRAY['staff:state']
      || CASE WHEN r.district_id IS NOT NULL THEN ARRAY['staff:' || r.district_id] ELSE '{}' END
      || CASE WHEN r.held_at IS NULL AND r.visibility = 'district' AND r.district_id IS NOT NULL THEN ARRAY['district:' || r.district_id] ELSE '{}' END
      || CASE WHEN r.held_at IS NULL AND r.visibility = 'school' THEN ARRAY['school:' || r.organization_id] ELSE '{}' END
      || CASE WHEN r.owner_id IS NOT NULL THEN ARRAY['person:' || r.owner_id] ELSE '{}' END
      || ARRAY(SELECT 'person:' || c.person_id FROM co_author c WHERE c.resource_id = r.id ORDER BY c.person_id)
  END
$$;
DROP TRIGGER resource_audience_kept ON resource;
CREATE TRIGGER resource_audience_kept BEFORE INSERT OR UPDATE OF visibility, organization_id, district_id, owner_id, audience, held_at
  ON resource FOR EACH ROW EXECUTE FUNCTION keep_audience();

-- A use may carry a rating, which has the note as its reason. Staff may have taken the note away.
ALTER TABLE use_mark
  ADD COLUMN id             uuid NOT NULL DEFAULT uuidv7(),
  ADD COLUMN rating         smallint CHECK (rating BETWEEN 1 AND 5),
  ADD COLUMN edited_at      timestamptz,
  ADD COLUMN removed_at     timestamptz,
  ADD COLUMN removed_by     uuid REFERENCES person (id),
  ADD COLUMN removed_reason text;
CREATE UNIQUE INDEX use_mark_id ON use_mark (id);

CREATE TABLE comment (
  id             uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id    uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  person_id      uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind           text NOT NULL CHECK (kind IN ('comment', 'question', 'answer')),
  question_id    uuid REFERENCES comment (id) ON DELETE CASCADE, -- that an answer answers
  version        integer NOT NULL, -- the one on the shelf when it was written
  body           text NOT NULL CHECK (length(body) <= 4000), -- Markdown; empty when it was removed, or deleted while it had answers
  created_at     timestamptz NOT NULL DEFAULT now(),
  edited_at      timestamptz,
  deleted_at     timestamptz, -- by its writer
  removed_at     timestamptz, -- by staff
  removed_by     uuid REFERENCES person (id),
  removed_reason text,
  CHECK ((kind = 'answer') = (question_id IS NOT NULL))
);
CREATE INDEX comment_resource ON comment (resource_id, created_at);
CREATE INDEX comment_question ON comment (question_id) WHERE question_id IS NOT NULL;
CREATE INDEX comment_person ON comment (person_id);

-- Something is wrong with a resource, or with what somebody said about it (comment_id or use_id).
CREATE TABLE flag (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  comment_id  uuid REFERENCES comment (id) ON DELETE SET NULL,
  use_id      uuid REFERENCES use_mark (id) ON DELETE SET NULL,
  about       text NOT NULL DEFAULT 'resource' CHECK (about IN ('resource', 'voice')),
  kind        text NOT NULL CHECK (kind IN ('wrong_key', 'broken', 'not_mine', 'unsuitable', 'student_data', 'safety')),
  note        text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
  person_id   uuid REFERENCES person (id), -- null: somebody who isn't signed in
  mail        text, -- where they want the answer
  version     integer, -- the one on the shelf then
  hides       boolean NOT NULL, -- what it is about, while it is open
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'nothing_wrong', 'mended', 'taken_down', 'purged')),
  created_at  timestamptz NOT NULL DEFAULT now(),
  decided_at  timestamptz,
  decided_by  uuid REFERENCES person (id),
  decided_note text NOT NULL DEFAULT '',
  CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX flag_open ON flag (created_at, id) WHERE state = 'open';
CREATE INDEX flag_resource ON flag (resource_id, state);
CREATE INDEX flag_comment ON flag (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX flag_use ON flag (use_id) WHERE use_id IS NOT NULL;
CREATE INDEX flag_decided ON flag (decided_at DESC) WHERE decided_at IS NOT NULL;
CREATE INDEX flag_person ON flag (person_id) WHERE person_id IS NOT NULL;

-- The log of takedowns; titles stay where they can be purged.
CREATE TABLE takedown (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  flag_id     uuid REFERENCES flag (id) ON DELETE SET NULL,
  kind        text NOT NULL, -- of the flag
  reason      text NOT NULL,
  asked_at    timestamptz NOT NULL,
  taken_at    timestamptz NOT NULL,
  taken_by    uuid NOT NULL REFERENCES person (id),
  state       text NOT NULL DEFAULT 'down' CHECK (state IN ('down', 'lifted', 'purged')),
  ended_at    timestamptz,
  ended_by    uuid REFERENCES person (id),
  ended_reason text NOT NULL DEFAULT '',
  CHECK ((state = 'down') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX takedown_down ON takedown (resource_id) WHERE state = 'down';
CREATE INDEX takedown_resource ON takedown (resource_id);
CREATE INDEX takedown_taken ON takedown (taken_at DESC, id);

-- What had to be destroyed: who, when and why, and what is still to be done.
CREATE TABLE purge (
  resource_id uuid PRIMARY KEY REFERENCES resource (id),
  why         text NOT NULL CHECK (why IN ('student_data', 'copyright', 'safety', 'law')),
  reason      text NOT NULL,
  asked_by    uuid NOT NULL REFERENCES person (id),
  asked_at    timestamptz NOT NULL,
  contents    text[] NOT NULL DEFAULT '{}', -- SHA-256 of its files, until they are gone
  words       text[] NOT NULL DEFAULT '{}', -- of its titles, until the dictionary of the search has forgotten them
  removed     jsonb NOT NULL DEFAULT '{}', -- how much of what went
  finished_at timestamptz
);
CREATE INDEX purge_open ON purge (asked_at) WHERE finished_at IS NULL;
