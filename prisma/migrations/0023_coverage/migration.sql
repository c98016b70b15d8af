-- Calls for lessons: what the state or a district wants for a standard at a level, until somebody shares it.

CREATE TABLE lesson_call (
  id              uuid PRIMARY KEY DEFAULT uuidv7(),
  organization_id uuid NOT NULL REFERENCES organization (id), -- the state or a district
  district_id     uuid REFERENCES organization (id), -- of organization_id; null: the state's, seen by everybody
  standard_guid   uuid NOT NULL REFERENCES standard (guid),
  level_id        uuid REFERENCES competency_level (id), -- null: any level
  words           text NOT NULL DEFAULT '' CHECK (length(words) <= 1000),
  closes_on       date, -- the last day; null: until somebody closes it
  -- server/curation/call-states.ts moves it
  state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'accepted', 'closed', 'expired')),
  revision        integer NOT NULL DEFAULT 1,
  ask_id          uuid REFERENCES search_ask (id) ON DELETE SET NULL, -- what a person had asked for
  made_by         uuid REFERENCES person (id) ON DELETE SET NULL,
  made_at         timestamptz NOT NULL DEFAULT now(),
  moved_by        uuid REFERENCES person (id) ON DELETE SET NULL, -- who moved it last; null: the clock, or whoever answered
  moved_at        timestamptz NOT NULL DEFAULT now(),
  note            text NOT NULL DEFAULT '' CHECK (length(note) <= 1000) -- said when it was closed
);
CREATE UNIQUE INDEX lesson_call_once ON lesson_call (organization_id, standard_guid, level_id) NULLS NOT DISTINCT
  WHERE state IN ('open', 'answered');
CREATE INDEX lesson_call_standard ON lesson_call (standard_guid) WHERE state IN ('open', 'answered');
CREATE INDEX lesson_call_closes ON lesson_call (closes_on) WHERE state IN ('open', 'answered') AND closes_on IS NOT NULL;
CREATE INDEX lesson_call_moved ON lesson_call (moved_at DESC, id);

-- What was shared for a call.
CREATE TABLE call_answer (
  call_id     uuid NOT NULL REFERENCES lesson_call (id) ON DELETE CASCADE,
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  person_id   uuid REFERENCES person (id) ON DELETE SET NULL,
  answered_at timestamptz NOT NULL DEFAULT now(),
  refused_at  timestamptz, -- a curator says that it doesn't answer the call
  PRIMARY KEY (call_id, resource_id)
);
CREATE INDEX call_answer_resource ON call_answer (resource_id);

-- The call for which a draft was begun; publishing it with the call's alignment makes it an answer.
ALTER TABLE resource ADD COLUMN answers_call uuid REFERENCES lesson_call (id) ON DELETE SET NULL;
CREATE INDEX resource_answers_call ON resource (answers_call) WHERE answers_call IS NOT NULL;
