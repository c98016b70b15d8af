-- Tags of many resources set at once by curators: what was chosen, what became of each, and what it was before.

CREATE TABLE tag_change (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id  uuid REFERENCES person (id) ON DELETE SET NULL, -- who made it; in whose name it runs
  field      text NOT NULL CHECK (field IN ('license', 'type', 'setting', 'language', 'level', 'grade', 'subject', 'topic', 'standard')),
  mode       text NOT NULL CHECK (mode IN ('fill', 'add', 'replace')),
  value      jsonb NOT NULL, -- slugs, codes or ids
  gap        jsonb, -- the words of imports that it mends: field and value
  -- server/curation/tags/change-states.ts moves it
  state      text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'stopped', 'done', 'undoing', 'undone', 'dropped')),
  made_at    timestamptz NOT NULL DEFAULT now(),
  moved_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tag_change_person ON tag_change (person_id, id);

CREATE TABLE tag_change_item (
  change_id   uuid NOT NULL REFERENCES tag_change (id) ON DELETE CASCADE,
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  planned     text NOT NULL CHECK (planned IN ('change', 'same', 'refuse')),
  reason      text, -- why it is or was refused
  before      jsonb,
  after       jsonb,
  outcome     text CHECK (outcome IN ('changed', 'same', 'refused')), -- null: not yet looked at
  undone      text CHECK (undone IN ('done', 'left')),
  PRIMARY KEY (change_id, resource_id)
);
CREATE INDEX tag_change_item_resource ON tag_change_item (resource_id);
CREATE INDEX tag_change_item_waiting ON tag_change_item (change_id, resource_id) WHERE outcome IS NULL;

-- Words of an import that nobody knew and that a curator has put right in the resource: they are a gap no more, also
-- when the same row comes again.
CREATE TABLE gap_mended (
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  field       text NOT NULL,
  value       text NOT NULL,
  change_id   uuid REFERENCES tag_change (id) ON DELETE SET NULL,
  PRIMARY KEY (resource_id, field, value)
);
CREATE INDEX gap_mended_change ON gap_mended (change_id);
CREATE INDEX import_record_gaps ON import_record (resource_id) WHERE gaps IS NOT NULL;
