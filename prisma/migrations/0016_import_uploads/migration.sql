-- Files that somebody brought in a browser: kept while their columns are mapped, until a run takes them up.
CREATE TABLE import_upload (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  source_id    uuid NOT NULL REFERENCES import_source (id),
  person_id    uuid NOT NULL REFERENCES person (id),
  options      jsonb NOT NULL DEFAULT '{}', -- server/imports/run-options.ts
  input_sha256 text NOT NULL CHECK (input_sha256 ~ '^[0-9a-f]{64}$'),
  input_name   text NOT NULL,
  input_size   bigint NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX import_upload_source ON import_upload (source_id, id DESC);
