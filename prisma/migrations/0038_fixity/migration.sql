-- When stored content was last read and hashed is `verified_at`, there since the first migration. Here: what was wrong.

ALTER TABLE blob
  ADD COLUMN damage text CHECK (damage IN ('missing', 'changed', 'unreadable')),
  ADD COLUMN damaged_at timestamptz,
  ADD CONSTRAINT blob_damage_dated CHECK ((damage IS NULL) = (damaged_at IS NULL));

-- The least recently checked first; content was hashed when it arrived.
CREATE INDEX blob_least_checked ON blob (coalesce(verified_at, created_at), sha256);
CREATE INDEX blob_damaged ON blob (damaged_at) WHERE damage IS NOT NULL;
