-- Links by which someone who can't sign in sets a password. Only the hash of what the mail holds is kept.
CREATE TABLE password_link (
  token_hash text PRIMARY KEY CHECK (token_hash ~ '^[0-9a-f]{64}$'), -- SHA-256; the token has 256 bits of its own
  person_id  uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX password_link_person ON password_link (person_id); -- a new one ends the one before
