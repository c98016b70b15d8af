-- Accounts that people make themselves: each district decides whether, and for addresses of which domains.
CREATE TABLE registration (
  district_id uuid PRIMARY KEY REFERENCES organization (id),
  open        boolean NOT NULL DEFAULT false,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  uuid REFERENCES person (id) ON DELETE SET NULL
);
CREATE INDEX registration_updated_by ON registration (updated_by);

-- A domain is one district's: the primary key sees to it.
CREATE TABLE registration_domain (
  domain      text PRIMARY KEY CHECK (domain ~ '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$'),
  district_id uuid NOT NULL REFERENCES registration (district_id) ON DELETE CASCADE
);
CREATE INDEX registration_domain_district ON registration_domain (district_id);

-- Links by which somebody shows that an address is theirs. Only the hash of what the mail holds is kept.
CREATE TABLE registration_link (
  token_hash text PRIMARY KEY CHECK (token_hash ~ '^[0-9a-f]{64}$'), -- SHA-256; the token has 256 bits of its own
  email      text NOT NULL CHECK (email = lower(email)),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX registration_link_email ON registration_link (email); -- a new one ends the one before

-- What a person teaches, by which their home page is ordered.
ALTER TABLE person
  ADD COLUMN teaches_grades text[] NOT NULL DEFAULT '{}',
  ADD COLUMN home_by_teaching boolean NOT NULL DEFAULT true;
CREATE TABLE person_subject (
  person_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  subject_slug text NOT NULL REFERENCES subject (slug) ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY (person_id, subject_slug)
);
CREATE INDEX person_subject_subject ON person_subject (subject_slug);
