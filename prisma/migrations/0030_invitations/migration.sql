-- Invitations: who may make an account (or be given roles) by a link in a mail. Only the hash of what the mail holds
-- is kept; a row goes when it is accepted or withdrawn.
CREATE TABLE invitation (
  id              uuid PRIMARY KEY DEFAULT uuidv7(),
  email           text NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%'),
  name            text NOT NULL DEFAULT '', -- as a list of staff has it; they set it themselves when they accept
  organization_id uuid NOT NULL REFERENCES organization (id),
  roles           text[] NOT NULL CHECK (roles <@ ARRAY['teacher', 'importer', 'curator', 'lead', 'admin'] AND cardinality(roles) > 0),
  token_hash      text UNIQUE CHECK (token_hash ~ '^[0-9a-f]{64}$'), -- SHA-256 of 256 random bits; null: no mail was made yet
  invited_by      uuid REFERENCES person (id) ON DELETE SET NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  sent_at         timestamptz, -- null: the mail has not gone out
  expires_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX invitation_place ON invitation (email, organization_id);
CREATE INDEX invitation_organization ON invitation (organization_id);
CREATE INDEX invitation_invited_by ON invitation (invited_by);

-- A person's own sessions are listed and ended one by one.
CREATE INDEX session_person ON session ((sess #>> '{passport,user,id}'));
