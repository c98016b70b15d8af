-- Bulk imports: what a district sends, what became of each row, and what is needed to take it back.

-- Content that no resource has (yet) and that the nightly collector leaves alone until then: inputs of imports.
CREATE TABLE content_hold (
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  holder text NOT NULL, -- import_run:<id>
  until  timestamptz NOT NULL,
  PRIMARY KEY (sha256, holder)
);

-- What a district has sent: the hash of the sent bytes and of what was stored of them (a photo loses its place when it
-- arrives). A row may name by hash only what its own district sent.
CREATE TABLE district_content (
  district_id   uuid NOT NULL REFERENCES organization (id),
  sent_sha256   text NOT NULL CHECK (sent_sha256 ~ '^[0-9a-f]{64}$'),
  stored_sha256 text NOT NULL CHECK (stored_sha256 ~ '^[0-9a-f]{64}$'),
  name          text NOT NULL,
  received_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (district_id, sent_sha256)
);

-- A catalog that a district keeps in step. Its name is part of the external key (resource.source).
CREATE TABLE import_source (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  district_id uuid NOT NULL REFERENCES organization (id),
  name        text NOT NULL CHECK (name ~ '^[a-z0-9]+([._-][a-z0-9]+)*$' AND length(name) <= 60),
  -- the widest circle that its rows may ask for
  widest      text NOT NULL DEFAULT 'public' CHECK (widest IN ('public', 'state', 'district', 'school')),
  created_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (district_id, name)
);

-- How the columns of a source become fields; a changed one is a new version.
CREATE TABLE import_mapping (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  source_id  uuid NOT NULL REFERENCES import_source (id) ON DELETE CASCADE,
  name       text NOT NULL CHECK (name <> '' AND length(name) <= 60),
  version    integer NOT NULL CHECK (version >= 1),
  text       text NOT NULL, -- YAML
  created_by uuid REFERENCES person (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (source_id, name, version)
);

CREATE TABLE import_run (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  source_id    uuid NOT NULL REFERENCES import_source (id),
  state        text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'paused', 'cancelled', 'done', 'failed', 'undoing', 'undone')),
  door         text NOT NULL CHECK (door IN ('command', 'api', 'browser')),
  person_id    uuid REFERENCES person (id), -- null: whoever works at the machine
  dry_run      boolean NOT NULL DEFAULT false,
  options      jsonb NOT NULL DEFAULT '{}', -- server/imports/run-options.ts
  mapping_id   uuid REFERENCES import_mapping (id),
  input_sha256 text NOT NULL CHECK (input_sha256 ~ '^[0-9a-f]{64}$'),
  input_name   text NOT NULL,
  input_size   bigint NOT NULL,
  -- where it is: rows of the file that are done, then the rows that the file no longer has
  stage        text NOT NULL DEFAULT 'rows' CHECK (stage IN ('rows', 'missing', 'over')),
  rows_done    integer NOT NULL DEFAULT 0,
  bytes_done   bigint NOT NULL DEFAULT 0,
  undo_from    integer, -- an undo goes down from the last row; rows from here on are done
  counts       jsonb NOT NULL DEFAULT '{}', -- server/imports/run-counts.ts
  -- whoever works on it; every step is written only while this is still true
  holder       uuid,
  asked        text CHECK (asked IN ('cancel')),
  reason       jsonb, -- why it is paused or failed: a message key with its parameters
  created_at   timestamptz NOT NULL DEFAULT now(),
  started_at   timestamptz,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz
);
CREATE INDEX import_run_source ON import_run (source_id, id DESC);
CREATE INDEX import_run_open ON import_run (source_id, id) WHERE state IN ('planned', 'running', 'undoing');

-- What became of a row; nothing is kept of one that was unchanged. Rows that the file no longer has come behind its last.
CREATE TABLE import_row (
  run_id      uuid NOT NULL REFERENCES import_run (id) ON DELETE CASCADE,
  position    integer NOT NULL CHECK (position >= 1),
  outcome     text NOT NULL CHECK (outcome IN ('new', 'changed', 'unchanged', 'rejected', 'missing', 'withdrawn', 'kept')),
  external_id text,
  resource_id uuid, -- no foreign key: the report outlives the resource
  version_id  uuid, -- the version that the row made
  faults      jsonb, -- why it was rejected
  gaps        jsonb, -- what was left out of the resource
  changes     jsonb, -- fields that changed, and those that staff had corrected by hand
  before      jsonb, -- what an undo puts back
  taken_back  text, -- after an undo: done, or why not
  PRIMARY KEY (run_id, position)
);

-- Values that nobody knows, with the number of rows that have them.
CREATE TABLE import_gap (
  run_id uuid NOT NULL REFERENCES import_run (id) ON DELETE CASCADE,
  field  text NOT NULL,
  reason text NOT NULL,
  value  text NOT NULL,
  rows   integer NOT NULL,
  PRIMARY KEY (run_id, field, reason, value)
);

-- What an import last wrote into a resource; the key itself and the hash of the content stand in `resource`.
CREATE TABLE import_record (
  resource_id uuid PRIMARY KEY REFERENCES resource (id) ON DELETE CASCADE,
  source_id   uuid NOT NULL REFERENCES import_source (id),
  run_id      uuid NOT NULL, -- that wrote it last
  written     jsonb NOT NULL, -- a short hash of each field: what differs from it was corrected by hand
  gaps        jsonb, -- what is still left out
  withdrawn   boolean NOT NULL DEFAULT false -- taken off the shelf by an import, so an import may put it back
);
CREATE INDEX import_record_source ON import_record (source_id, resource_id);
