-- Programs of a person: each has a token that may do part of what the person may. Only its hash is kept.
CREATE TABLE api_token (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  name         text NOT NULL CHECK (name <> '' AND length(name) <= 80),
  secret_hash  text NOT NULL UNIQUE CHECK (secret_hash ~ '^[0-9a-f]{64}$'), -- SHA-256; the secret has 256 bits of its own
  scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'import']),
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  last_used_on date, -- by the day: enough to see which one is forgotten
  revoked_at   timestamptz
);
CREATE INDEX api_token_person ON api_token (person_id, id);

-- What a POST of the API was answered, so that the same request sent again (Idempotency-Key) is not done again.
CREATE TABLE api_answer (
  token_id     uuid NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
  key          text NOT NULL CHECK (length(key) <= 255),
  request_hash text NOT NULL,
  status       integer NOT NULL,
  location     text,
  body         jsonb,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (token_id, key)
);
CREATE INDEX api_answer_age ON api_answer (created_at);
