-- What happened that a person wants to know: shown on their shelf, and mailed at the rhythm that they set.
ALTER TABLE person ADD COLUMN notice_mail text NOT NULL DEFAULT 'daily'
  CHECK (notice_mail IN ('at_once', 'daily', 'weekly', 'never'));

CREATE TABLE notice (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id   uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind        text NOT NULL, -- server/notices/notice-kinds.ts
  resource_id uuid REFERENCES resource (id) ON DELETE CASCADE,
  by_id       uuid REFERENCES person (id) ON DELETE SET NULL, -- who did it; null: the portal, or someone unnamed
  detail      jsonb NOT NULL DEFAULT '{}', -- what its sentence names besides the title and the person
  at          timestamptz NOT NULL DEFAULT now(),
  seen_at     timestamptz,
  mailed_at   timestamptz
);
CREATE INDEX notice_person ON notice (person_id, at DESC);
CREATE INDEX notice_unseen ON notice (person_id) WHERE seen_at IS NULL;
CREATE INDEX notice_to_mail ON notice (person_id) WHERE mailed_at IS NULL AND seen_at IS NULL;
CREATE INDEX notice_resource ON notice (resource_id);
