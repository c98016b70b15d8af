-- Collections: what people put together, by hand or by a rule, for themselves, whoever has the link, their school, their
-- district or everyone. What a person saved stays the one of kind 'saved'.

ALTER TABLE collection DROP CONSTRAINT collection_kind_check;
ALTER TABLE collection
  ADD COLUMN organization_id uuid REFERENCES organization (id), -- where it belongs; filled by the trigger below
  ADD COLUMN visibility   text NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'link', 'school', 'district', 'public')),
  ADD COLUMN description  text NOT NULL DEFAULT '', -- Markdown
  ADD COLUMN language     text NOT NULL DEFAULT 'en',
  ADD COLUMN link_key     text UNIQUE, -- part of the address of one that is shared by link; a new one ends the old
  ADD COLUMN rule         text, -- the address of a search (kind 'rule')
  ADD COLUMN cover_id     uuid REFERENCES resource (id) ON DELETE SET NULL, -- whose first page it shows; null: the first that has one
  ADD COLUMN copied_from  uuid REFERENCES collection (id) ON DELETE SET NULL,
  ADD COLUMN copied_title text NOT NULL DEFAULT '', -- stays when the original is gone
  ADD COLUMN copied_owner text NOT NULL DEFAULT '',
  ADD COLUMN featured_at  timestamptz,
  ADD COLUMN featured_place integer NOT NULL DEFAULT 0,
  ADD COLUMN revision     integer NOT NULL DEFAULT 1, -- of title, description and choices
  ADD COLUMN audience     text[] NOT NULL DEFAULT '{}',
  ADD COLUMN deleted_at   timestamptz,
  ADD COLUMN updated_at   timestamptz NOT NULL DEFAULT now(),
  ADD CONSTRAINT collection_kind_check CHECK (kind IN ('saved', 'list', 'rule')),
  ADD CONSTRAINT collection_rule_check CHECK ((kind = 'rule') = (rule IS NOT NULL)),
  ADD CONSTRAINT collection_saved_check CHECK (kind <> 'saved' OR (visibility = 'private' AND deleted_at IS NULL)),
  ADD CONSTRAINT collection_featured_check CHECK (featured_at IS NULL OR visibility = 'public');

CREATE TABLE collection_editor (
  collection_id uuid NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
  person_id     uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (collection_id, person_id)
);
CREATE INDEX collection_editor_person ON collection_editor (person_id);

CREATE TABLE collection_section (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  collection_id uuid NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
  title         text NOT NULL,
  position      integer NOT NULL, -- from 1; what is in no section stands before the first
  revision      integer NOT NULL DEFAULT 1
);
CREATE INDEX collection_section_order ON collection_section (collection_id, position);

ALTER TABLE collection_item
  ADD COLUMN section_id uuid REFERENCES collection_section (id) ON DELETE SET NULL,
  ADD COLUMN stands     text NOT NULL DEFAULT 'in' CHECK (stands IN ('in', 'out')), -- 'out': left out of a rule by hand
  ADD COLUMN revision   integer NOT NULL DEFAULT 1, -- of the note
  ADD COLUMN added_by   uuid REFERENCES person (id) ON DELETE SET NULL;
CREATE INDEX collection_item_section ON collection_item (section_id) WHERE section_id IS NOT NULL;

-- Who sees it; server/collections/collection-policy.ts says the same, and a test holds them together.
CREATE FUNCTION collection_audience(c collection) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN c.deleted_at IS NOT NULL THEN '{}'
    WHEN c.visibility = 'public' THEN ARRAY['public']
    ELSE
      ARRAY['person:' || c.owner_id]
      || ARRAY(SELECT 'person:' || e.person_id FROM collection_editor e WHERE e.collection_id = c.id ORDER BY e.person_id)
      || CASE WHEN c.visibility IN ('school', 'district') THEN ARRAY['staff:state'] ELSE '{}' END
      || CASE WHEN c.visibility IN ('school', 'district') AND o.district_id IS NOT NULL THEN ARRAY['staff:' || o.district_id] ELSE '{}' END
      || CASE WHEN c.visibility = 'school' THEN ARRAY['school:' || o.id] ELSE '{}' END
      || CASE WHEN c.visibility = 'district' AND o.district_id IS NOT NULL THEN ARRAY['district:' || o.district_id] ELSE '{}' END
  END FROM organization o WHERE o.id = c.organization_id
$$;
CREATE FUNCTION keep_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.organization_id := coalesce(NEW.organization_id, (SELECT organization_id FROM person WHERE id = NEW.owner_id));
  NEW.audience := collection_audience(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER collection_kept BEFORE INSERT OR UPDATE OF visibility, organization_id, owner_id, deleted_at, audience
  ON collection FOR EACH ROW EXECUTE FUNCTION keep_collection();
CREATE FUNCTION collection_editor_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE collection SET audience = '{}' WHERE id = coalesce(NEW.collection_id, OLD.collection_id);
  RETURN NULL;
END $$;
CREATE TRIGGER collection_editor_audience AFTER INSERT OR DELETE ON collection_editor
  FOR EACH ROW EXECUTE FUNCTION collection_editor_changed();

UPDATE collection SET audience = '{}';
ALTER TABLE collection ALTER COLUMN organization_id SET NOT NULL;

CREATE INDEX collection_owner ON collection (owner_id);
CREATE INDEX collection_audience_keys ON collection USING gin (audience);
CREATE INDEX collection_featured ON collection (featured_place, featured_at DESC) WHERE featured_at IS NOT NULL;
CREATE INDEX collection_deleted ON collection (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX collection_cover ON collection (cover_id) WHERE cover_id IS NOT NULL;
CREATE INDEX collection_copied_from ON collection (copied_from) WHERE copied_from IS NOT NULL;
CREATE INDEX collection_organization ON collection (organization_id);
