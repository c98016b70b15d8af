-- Organizations that change: what they were called, what was merged, check first by inheritance, and transfers of what
-- belongs to a school, a district or a person.

ALTER TABLE organization
  -- where it went; it stays as a closed row, so that the log and old addresses still know it
  ADD COLUMN merged_into_id uuid REFERENCES organization (id),
  -- what the organization chose itself; null: as the one above. publish_mode is what holds, kept by the triggers below
  ADD COLUMN publish_choice text CHECK (publish_choice IN ('at_once', 'check_first')),
  ADD CONSTRAINT organization_merged_check CHECK (merged_into_id IS NULL OR (closed_at IS NOT NULL AND merged_into_id <> id));
UPDATE organization SET publish_choice = publish_mode WHERE publish_mode = 'check_first';
CREATE INDEX organization_merged_into ON organization (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX resource_district ON resource (district_id);

CREATE FUNCTION keep_publish_mode() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.publish_mode := coalesce(NEW.publish_choice, (SELECT publish_mode FROM organization WHERE id = NEW.parent_id), 'at_once');
  RETURN NEW;
END $$;
CREATE TRIGGER organization_publish_kept BEFORE INSERT OR UPDATE OF publish_choice, parent_id ON organization
  FOR EACH ROW EXECUTE FUNCTION keep_publish_mode();
CREATE FUNCTION publish_mode_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Names the choice so that the trigger above looks up again.
  UPDATE organization SET publish_choice = NULL WHERE parent_id = NEW.id AND publish_choice IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER organization_publish_inherited AFTER UPDATE OF publish_choice, parent_id ON organization
  FOR EACH ROW WHEN (NEW.publish_mode IS DISTINCT FROM OLD.publish_mode) EXECUTE FUNCTION publish_mode_changed();

-- What an organization was called, and the addresses that it had: both still lead to it.
CREATE TABLE organization_former (
  id              uuid PRIMARY KEY DEFAULT uuidv7(),
  organization_id uuid NOT NULL REFERENCES organization (id),
  name            text NOT NULL CHECK (name <> ''),
  slug            text UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'), -- null: only the name changed
  until           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organization_former_of ON organization_former (organization_id);

-- The organization that an address leads to today; null for one that never was.
CREATE FUNCTION organization_at(address text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT coalesce(merged_into_id, id) FROM organization WHERE slug = address),
    (SELECT organization_id FROM organization_former WHERE slug = address))
$$;

-- Names of districts are kept in memory with what they were called.
CREATE TRIGGER organization_former_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON organization_former
  EXECUTE FUNCTION list_changed('names');

-- What belongs to somebody goes to another: a merge, a school that moves, a hand-over. server/administration/transfers
-- moves it; first a preview, then a job.
CREATE TABLE transfer (
  id       uuid PRIMARY KEY DEFAULT uuidv7(),
  kind     text NOT NULL CHECK (kind IN ('merge', 'move', 'school', 'person')),
  -- organizations or people; no foreign keys, as this is a record of what was
  from_id  uuid NOT NULL,
  to_id    uuid NOT NULL CHECK (to_id <> from_id),
  state    text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'done', 'dropped')),
  chosen   boolean NOT NULL DEFAULT false, -- only what is listed in transfer_item
  counts   jsonb NOT NULL DEFAULT '{}', -- as previewed
  sources  jsonb NOT NULL DEFAULT '{}', -- names of imports' sources as they were → as they are
  moved    jsonb NOT NULL DEFAULT '{}', -- how much has gone
  back_of  uuid REFERENCES transfer (id) ON DELETE SET NULL, -- that it takes back
  made_by  uuid REFERENCES person (id) ON DELETE SET NULL,
  made_at  timestamptz NOT NULL DEFAULT now(),
  moved_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX transfer_from ON transfer (from_id, id DESC);
CREATE INDEX transfer_to ON transfer (to_id, id DESC);
CREATE INDEX transfer_open ON transfer (state) WHERE state IN ('planned', 'running');

-- What of a hand-over was chosen, and what became of it.
CREATE TABLE transfer_item (
  transfer_id uuid NOT NULL REFERENCES transfer (id) ON DELETE CASCADE,
  kind        text NOT NULL CHECK (kind IN ('resource', 'collection')),
  object_id   uuid NOT NULL,
  outcome     text CHECK (outcome IN ('done', 'left')),
  PRIMARY KEY (transfer_id, kind, object_id)
);
CREATE INDEX transfer_item_waiting ON transfer_item (transfer_id, kind, object_id) WHERE outcome IS NULL;
