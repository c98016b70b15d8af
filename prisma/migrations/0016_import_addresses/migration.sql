-- What was fetched from addresses in rows, so that a nightly run asks only whether it changed.
CREATE TABLE import_address (
  district_id   uuid NOT NULL REFERENCES organization (id),
  url           text NOT NULL,
  etag          text,
  last_modified text,
  stored_sha256 text NOT NULL CHECK (stored_sha256 ~ '^[0-9a-f]{64}$'),
  name          text NOT NULL,
  fetched_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (district_id, url)
);
