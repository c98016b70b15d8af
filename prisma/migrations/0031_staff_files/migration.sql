-- Lists of staff: what was read, and what it would change or has changed. They name people, so they are forgotten
-- after a month; the log keeps who changed what.
CREATE TABLE staff_file (
  id              uuid PRIMARY KEY DEFAULT uuidv7(),
  organization_id uuid NOT NULL REFERENCES organization (id), -- the district whose people it lists, or the state for its own office
  person_id       uuid REFERENCES person (id) ON DELETE SET NULL,
  file_name       text NOT NULL,
  state           text NOT NULL DEFAULT 'tried' CHECK (state IN ('tried', 'done')),
  columns         text[] NOT NULL, -- as the file has them
  rows            jsonb NOT NULL, -- as they were read
  plan            jsonb NOT NULL, -- what they would change; once done, what they changed
  digest          text NOT NULL, -- of the plan, to notice that people changed since somebody looked
  counts          jsonb NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  applied_at      timestamptz
);
CREATE INDEX staff_file_organization ON staff_file (organization_id, id DESC);
CREATE INDEX staff_file_person ON staff_file (person_id);
CREATE INDEX staff_file_created ON staff_file (created_at);
