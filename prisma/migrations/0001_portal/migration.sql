-- The tables of the portal. Ids are UUIDv7; times are timestamptz (UTC).
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- unaccent() is only STABLE because a dictionary may change; ours never does, so it may be indexed.
CREATE FUNCTION plain(text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));

-- PostgreSQL 18 makes UUIDv7 itself; on 15 to 17 the ids are put together here: 48 bits of milliseconds, the
-- rest random (RFC 9562, section 5.7).
DO $do$
BEGIN
  IF to_regprocedure('pg_catalog.uuidv7()') IS NULL THEN
    CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
      SELECT encode(
        set_bit(set_bit(
          overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            FROM 1 FOR 6),
          52, 1), 53, 1),
        'hex')::uuid
    $$;
  END IF;
END $do$;

---------------------------------------------------------------- audit

CREATE TABLE audit_event (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at              timestamptz NOT NULL DEFAULT now(),
  actor_id        uuid,
  action          text NOT NULL,
  object_type     text NOT NULL,
  object_id       text,
  version         integer,
  organization_id uuid,
  request_id      text,
  ip              inet,
  outcome         text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused', 'failed')),
  detail          jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_event_at ON audit_event (at DESC);
CREATE INDEX audit_event_object ON audit_event (object_type, object_id, at DESC);
CREATE INDEX audit_event_actor ON audit_event (actor_id, at DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

---------------------------------------------------------------- accounts

CREATE TABLE organization (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  kind         text NOT NULL CHECK (kind IN ('state', 'district', 'school')),
  parent_id    uuid REFERENCES organization (id),
  -- the district an organization belongs to: a district's own id, a school's parent, null for the state
  district_id  uuid REFERENCES organization (id),
  name         text NOT NULL CHECK (name <> ''),
  slug         text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  -- check first: what its people share waits for a curator; at once: it stands on the shelf, marked as claimed
  publish_mode text NOT NULL DEFAULT 'at_once' CHECK (publish_mode IN ('at_once', 'check_first')),
  closed_at    timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  CHECK ((kind = 'state') = (parent_id IS NULL)),
  CHECK (CASE kind WHEN 'state' THEN district_id IS NULL WHEN 'district' THEN district_id = id ELSE district_id = parent_id END)
);
CREATE UNIQUE INDEX organization_one_state ON organization (kind) WHERE kind = 'state';
CREATE INDEX organization_parent ON organization (parent_id);
CREATE INDEX organization_district ON organization (district_id);

CREATE TABLE person (
  id                  uuid PRIMARY KEY DEFAULT uuidv7(),
  email               text NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%'),
  name                text NOT NULL CHECK (name <> ''),
  password_hash       text,
  organization_id     uuid NOT NULL REFERENCES organization (id), -- where the person works
  disabled_at         timestamptz,
  password_changed_at timestamptz,
  -- raised to end every session of this person at once
  session_epoch       integer NOT NULL DEFAULT 0,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX person_email ON person (email);
CREATE INDEX person_organization ON person (organization_id);

CREATE TABLE role_grant (
  person_id       uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  organization_id uuid NOT NULL REFERENCES organization (id),
  role            text NOT NULL CHECK (role IN ('teacher', 'importer', 'curator', 'lead', 'admin')),
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (person_id, organization_id, role)
);
CREATE INDEX role_grant_organization ON role_grant (organization_id, role);

-- express-session by connect-pg-simple
CREATE TABLE session (
  sid    text PRIMARY KEY,
  sess   json NOT NULL,
  expire timestamp(6) NOT NULL
);
CREATE INDEX session_expire ON session (expire);

-- rate-limiter-flexible
CREATE TABLE rate_limit (
  key    varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);

-- What a form answered the first time, so that a double click or a retry gets the same answer.
CREATE TABLE form_answer (
  person_id  uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  key        text NOT NULL CHECK (length(key) <= 100),
  location   text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (person_id, key)
);

---------------------------------------------------------------- vocabularies

CREATE TABLE subject (
  slug     text PRIMARY KEY,
  name     text NOT NULL,
  position integer NOT NULL DEFAULT 0
);

CREATE TABLE resource_type (
  slug     text PRIMARY KEY,
  name     text NOT NULL,
  position integer NOT NULL DEFAULT 0
);

CREATE TABLE setting (
  slug     text PRIMARY KEY,
  name     text NOT NULL,
  position integer NOT NULL DEFAULT 0
);

CREATE TABLE license (
  code          text PRIMARY KEY, -- SPDX id where there is one
  name          text NOT NULL,
  url           text,
  -- the plain words, one line each
  may           text[] NOT NULL DEFAULT '{}',
  must          text[] NOT NULL DEFAULT '{}',
  may_not       text[] NOT NULL DEFAULT '{}',
  adaptable     boolean NOT NULL,
  share_alike   boolean NOT NULL DEFAULT false,
  noncommercial boolean NOT NULL DEFAULT false,
  credit        boolean NOT NULL DEFAULT true,
  open          boolean NOT NULL, -- may be offered to everyone by default
  offered       boolean NOT NULL DEFAULT true, -- in the share form
  position      integer NOT NULL DEFAULT 0
);

CREATE TABLE topic (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  parent_id    uuid REFERENCES topic (id),
  name         text NOT NULL,
  slug         text NOT NULL UNIQUE,
  path         text NOT NULL UNIQUE, -- 'Mathematics > Fractions'
  subject_slug text REFERENCES subject (slug),
  position     integer NOT NULL DEFAULT 0
);
CREATE INDEX topic_parent ON topic (parent_id);

-- each topic with itself (distance 0) and all above it
CREATE TABLE topic_ancestor (
  topic_id    uuid NOT NULL REFERENCES topic (id) ON DELETE CASCADE,
  ancestor_id uuid NOT NULL REFERENCES topic (id) ON DELETE CASCADE,
  distance    integer NOT NULL,
  PRIMARY KEY (topic_id, ancestor_id)
);
CREATE INDEX topic_ancestor_down ON topic_ancestor (ancestor_id);

CREATE TABLE competency_scale (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  name       text NOT NULL UNIQUE,
  is_default boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX competency_scale_default ON competency_scale (is_default) WHERE is_default;

CREATE TABLE competency_level (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  scale_id    uuid NOT NULL REFERENCES competency_scale (id),
  slug        text NOT NULL UNIQUE,
  name        text NOT NULL,
  description text NOT NULL DEFAULT '',
  position    integer NOT NULL CHECK (position >= 1), -- 1 is the lowest rung
  UNIQUE (scale_id, position)
);

---------------------------------------------------------------- standards (CASE CFDocument, CFItem, CFAssociation)

CREATE TABLE framework (
  guid                uuid PRIMARY KEY, -- CFDocument.identifier
  uri                 text NOT NULL,
  title               text NOT NULL,
  creator             text NOT NULL DEFAULT '',
  publisher           text,
  description         text,
  subjects            text[] NOT NULL DEFAULT '{}', -- as the document says
  subject_slug        text REFERENCES subject (slug),
  language            text,
  version             text,
  adoption_status     text,
  case_version        text,
  official_source_url text,
  license_uri         text,
  notes               text,
  slug                text NOT NULL UNIQUE,
  is_state_own        boolean NOT NULL DEFAULT false,
  visible             boolean NOT NULL DEFAULT true,
  position            integer NOT NULL DEFAULT 0,
  last_change_at      timestamptz,
  imported_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE standard (
  guid             uuid PRIMARY KEY, -- CFItem.identifier
  framework_guid   uuid NOT NULL REFERENCES framework (guid),
  uri              text NOT NULL,
  code             text, -- humanCodingScheme
  statement        text NOT NULL,
  short_statement  text, -- abbreviatedStatement
  label            text, -- alternativeLabel
  item_type        text, -- CFItemType
  notes            text,
  keywords         text[] NOT NULL DEFAULT '{}',
  language         text,
  grades           text[] NOT NULL DEFAULT '{}', -- PK K 1 … 12
  position         integer NOT NULL DEFAULT 0, -- in reading order of the whole framework
  depth            integer NOT NULL DEFAULT 0,
  child_count      integer NOT NULL DEFAULT 0,
  retired_at       timestamptz,
  last_change_at   timestamptz,
  updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX standard_framework ON standard (framework_guid, position);
CREATE INDEX standard_words ON standard USING gin (plain(coalesce(code, '') || ' ' || coalesce(short_statement, '') || ' ' || statement) gin_trgm_ops);
CREATE INDEX standard_text ON standard USING gin (to_tsvector('english', coalesce(short_statement, '') || ' ' || statement));

-- A standard may stand under several parents (CASE is a graph). One at the top of its framework has no row.
CREATE TABLE standard_parent (
  child_guid  uuid NOT NULL REFERENCES standard (guid) ON DELETE CASCADE,
  parent_guid uuid NOT NULL REFERENCES standard (guid) ON DELETE CASCADE,
  sequence    integer NOT NULL DEFAULT 0,
  PRIMARY KEY (child_guid, parent_guid),
  CHECK (child_guid <> parent_guid)
);
CREATE INDEX standard_parent_down ON standard_parent (parent_guid, sequence);

-- each standard with itself (distance 0) and all above it
CREATE TABLE standard_ancestor (
  standard_guid uuid NOT NULL REFERENCES standard (guid) ON DELETE CASCADE,
  ancestor_guid uuid NOT NULL REFERENCES standard (guid) ON DELETE CASCADE,
  distance      integer NOT NULL,
  PRIMARY KEY (standard_guid, ancestor_guid)
);
CREATE INDEX standard_ancestor_down ON standard_ancestor (ancestor_guid);

-- Associations other than isChildOf. The other end may be a standard that isn't loaded (yet).
CREATE TABLE standard_association (
  guid             uuid PRIMARY KEY,
  framework_guid   uuid NOT NULL REFERENCES framework (guid) ON DELETE CASCADE,
  type             text NOT NULL,
  origin_guid      uuid,
  origin_uri       text NOT NULL,
  destination_guid uuid,
  destination_uri  text NOT NULL,
  sequence         integer
);
CREATE INDEX standard_association_origin ON standard_association (origin_guid, type);
CREATE INDEX standard_association_destination ON standard_association (destination_guid, type);

-- Every spelling by which a standard is found, normalized (lower case, letters and digits only).
CREATE TABLE standard_code (
  standard_guid uuid NOT NULL REFERENCES standard (guid) ON DELETE CASCADE,
  code_norm     text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('full', 'alias', 'previous')),
  PRIMARY KEY (standard_guid, code_norm)
);
CREATE INDEX standard_code_norm ON standard_code (code_norm text_pattern_ops);

CREATE TABLE level_descriptor (
  standard_guid uuid NOT NULL REFERENCES standard (guid) ON DELETE CASCADE,
  level_id      uuid NOT NULL REFERENCES competency_level (id) ON DELETE CASCADE,
  description   text NOT NULL,
  PRIMARY KEY (standard_guid, level_id)
);

---------------------------------------------------------------- files

-- A blob is content; it is kept once, under its SHA-256, however many files have it.
CREATE TABLE blob (
  sha256        text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  size          bigint NOT NULL CHECK (size > 0),
  kind          text NOT NULL, -- pdf, docx, png … (server/files/file-kinds.ts)
  mime          text NOT NULL,
  scan_state    text NOT NULL DEFAULT 'unscanned' CHECK (scan_state IN ('unscanned', 'quarantined', 'clean', 'infected', 'unscannable')),
  text_state    text NOT NULL DEFAULT 'pending' CHECK (text_state IN ('pending', 'done', 'none', 'failed')),
  preview_state text NOT NULL DEFAULT 'pending' CHECK (preview_state IN ('pending', 'done', 'none', 'failed')),
  process_error text,
  page_count    integer,
  width         integer,
  height        integer,
  created_at    timestamptz NOT NULL DEFAULT now(),
  verified_at   timestamptz
);

CREATE TABLE blob_page (
  sha256 text NOT NULL REFERENCES blob (sha256) ON DELETE CASCADE,
  page   integer NOT NULL CHECK (page >= 1),
  label  text NOT NULL CHECK (label IN ('page', 'slide', 'sheet', 'section')),
  text   text NOT NULL,
  PRIMARY KEY (sha256, page)
);

-- One image of one page at one width, kept beside the blob in the file store under `name`.
CREATE TABLE blob_preview (
  sha256 text NOT NULL REFERENCES blob (sha256) ON DELETE CASCADE,
  page   integer NOT NULL CHECK (page >= 1),
  width  integer NOT NULL,
  height integer NOT NULL,
  name   text NOT NULL,
  PRIMARY KEY (sha256, page, width)
);

---------------------------------------------------------------- resources

CREATE TABLE resource (
  id                 uuid PRIMARY KEY DEFAULT uuidv7(),
  organization_id    uuid NOT NULL REFERENCES organization (id),
  district_id        uuid REFERENCES organization (id), -- of organization_id; null: the state's own
  owner_id           uuid REFERENCES person (id),
  state              text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'published', 'withdrawn', 'purged')),
  visibility         text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'state', 'district', 'school')),
  current_version_id uuid, -- the published version; foreign key below
  check_state        text NOT NULL DEFAULT 'claimed' CHECK (check_state IN ('claimed', 'in_check', 'checked', 'disputed', 'returned')),
  checked_at         timestamptz,
  checked_by         uuid REFERENCES person (id),
  checked_for        uuid REFERENCES organization (id), -- the state or the district on whose behalf
  adapted_from_id      uuid REFERENCES resource (id),
  adapted_from_version integer,
  -- external key of an imported resource: (district, source, external_id)
  source             text NOT NULL DEFAULT 'main',
  external_id        text,
  content_hash       text,
  used_count         integer NOT NULL DEFAULT 0 CHECK (used_count >= 0), -- distinct people in use_mark, kept by trigger
  created_at         timestamptz NOT NULL DEFAULT now(),
  first_published_at timestamptz,
  published_at       timestamptz,
  withdrawn_at       timestamptz,
  withdrawn_reason   text,
  takedown           boolean NOT NULL DEFAULT false, -- the tombstone hides the title too
  purged_at          timestamptz,
  -- The visibility rule: a published resource is seen by whoever holds one of these keys
  -- (server/resources/resource-policy.ts); kept by the trigger below, read by every door.
  audience           text[] NOT NULL DEFAULT '{}',
  updated_at         timestamptz NOT NULL DEFAULT now(),
  CHECK ((state IN ('published', 'withdrawn')) <= (current_version_id IS NOT NULL)),
  CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
  CHECK ((adapted_from_id IS NULL) = (adapted_from_version IS NULL)),
  CHECK (adapted_from_id <> id)
);
CREATE UNIQUE INDEX resource_external_key ON resource (district_id, source, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX resource_owner ON resource (owner_id, state);
CREATE INDEX resource_organization ON resource (organization_id, state);
CREATE INDEX resource_adapted_from ON resource (adapted_from_id);
CREATE INDEX resource_audience_keys ON resource USING gin (audience);
CREATE INDEX resource_published ON resource (published_at DESC, id) WHERE state = 'published';

-- More people than the owner who may see and edit a draft.
CREATE TABLE co_author (
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  person_id   uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  PRIMARY KEY (resource_id, person_id)
);
CREATE INDEX co_author_person ON co_author (person_id);

CREATE FUNCTION resource_audience(r resource) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT CASE r.visibility
    WHEN 'public' THEN ARRAY['public']
    WHEN 'state' THEN ARRAY['state']
    ELSE
      ARRAY['staff:state']
      || CASE WHEN r.district_id IS NOT NULL THEN ARRAY['staff:' || r.district_id] ELSE '{}' END
      || CASE WHEN r.visibility = 'district' AND r.district_id IS NOT NULL THEN ARRAY['district:' || r.district_id] ELSE '{}' END
      || CASE WHEN r.visibility = 'school' THEN ARRAY['school:' || r.organization_id] ELSE '{}' END
      || CASE WHEN r.owner_id IS NOT NULL THEN ARRAY['person:' || r.owner_id] ELSE '{}' END
      || ARRAY(SELECT 'person:' || c.person_id FROM co_author c WHERE c.resource_id = r.id ORDER BY c.person_id)
  END
$$;
CREATE FUNCTION keep_audience() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.audience := resource_audience(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER resource_audience_kept BEFORE INSERT OR UPDATE OF visibility, organization_id, district_id, owner_id, audience
  ON resource FOR EACH ROW EXECUTE FUNCTION keep_audience();
CREATE FUNCTION co_author_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE resource SET audience = '{}' WHERE id = coalesce(NEW.resource_id, OLD.resource_id);
  RETURN NULL;
END $$;
CREATE TRIGGER co_author_audience AFTER INSERT OR DELETE ON co_author FOR EACH ROW EXECUTE FUNCTION co_author_changed();

-- A version is a published state; a row without a number is the draft of the next one.
CREATE TABLE version (
  id           uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id  uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  number       integer CHECK (number >= 1),
  title        text NOT NULL DEFAULT '',
  summary      text NOT NULL DEFAULT '',
  description  text NOT NULL DEFAULT '', -- Markdown
  url          text,
  full_text    text NOT NULL DEFAULT '', -- of an import without a file
  type         text REFERENCES resource_type (slug),
  license      text REFERENCES license (code),
  language     text NOT NULL DEFAULT 'en', -- BCP 47
  authors      text NOT NULL DEFAULT '', -- as shown; empty: the owner
  publisher    text NOT NULL DEFAULT '',
  credit       text NOT NULL DEFAULT '', -- whom an adaptation names
  minutes      integer CHECK (minutes BETWEEN 1 AND 100000),
  setting      text REFERENCES setting (slug),
  visibility   text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'state', 'district', 'school')), -- asked for in the draft; the resource's own decides
  change_note  text NOT NULL DEFAULT '',
  revision     integer NOT NULL DEFAULT 1, -- of the draft, for optimistic locking
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  updated_by   uuid REFERENCES person (id),
  published_at timestamptz,
  published_by uuid REFERENCES person (id),
  UNIQUE (resource_id, number),
  CHECK ((number IS NULL) = (published_at IS NULL)),
  CHECK (url IS NULL OR url ~ '^https?://')
);
CREATE UNIQUE INDEX version_one_draft ON version (resource_id) WHERE number IS NULL;
ALTER TABLE resource ADD FOREIGN KEY (current_version_id) REFERENCES version (id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE version_subject (
  version_id uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  subject    text NOT NULL REFERENCES subject (slug),
  position   integer NOT NULL DEFAULT 0,
  PRIMARY KEY (version_id, subject)
);
CREATE TABLE version_grade (
  version_id uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  grade      text NOT NULL CHECK (grade IN ('PK', 'K', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12')),
  PRIMARY KEY (version_id, grade)
);
CREATE TABLE version_topic (
  version_id uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  topic_id   uuid NOT NULL REFERENCES topic (id),
  position   integer NOT NULL DEFAULT 0,
  PRIMARY KEY (version_id, topic_id)
);
CREATE INDEX version_topic_topic ON version_topic (topic_id);
CREATE TABLE version_keyword (
  version_id uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  keyword    text NOT NULL CHECK (keyword <> ''),
  position   integer NOT NULL DEFAULT 0,
  PRIMARY KEY (version_id, keyword)
);
-- levels of a resource that has no alignments
CREATE TABLE version_level (
  version_id uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  level_id   uuid NOT NULL REFERENCES competency_level (id),
  PRIMARY KEY (version_id, level_id)
);

-- One stored upload.
CREATE TABLE file (
  id          uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  sha256      text NOT NULL REFERENCES blob (sha256),
  name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
  uploaded_by uuid REFERENCES person (id),
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_resource ON file (resource_id);
CREATE INDEX file_blob ON file (sha256);

CREATE TABLE version_file (
  version_id     uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  file_id        uuid NOT NULL REFERENCES file (id),
  position       integer NOT NULL DEFAULT 0,
  educators_only boolean NOT NULL DEFAULT false,
  PRIMARY KEY (version_id, file_id)
);
CREATE INDEX version_file_file ON version_file (file_id);

-- resource → standard. A claim stands from a version until a version (null: still).
CREATE TABLE alignment (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  resource_id   uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  standard_guid uuid NOT NULL REFERENCES standard (guid),
  relation      text NOT NULL DEFAULT 'teaches' CHECK (relation IN ('teaches', 'assesses', 'requires', 'related')),
  level_id      uuid REFERENCES competency_level (id),
  claimed_by    uuid REFERENCES person (id),
  claimed_as    text NOT NULL DEFAULT 'author' CHECK (claimed_as IN ('author', 'import', 'curator', 'colleague')),
  from_version  integer NOT NULL CHECK (from_version >= 1),
  to_version    integer CHECK (to_version >= from_version),
  check_state   text NOT NULL DEFAULT 'claimed' CHECK (check_state IN ('claimed', 'in_check', 'checked', 'disputed', 'returned')),
  -- how far a checked alignment holds
  fit           text CHECK (fit IN ('full', 'part', 'other_level', 'none')),
  check_note    text,
  checked_by    uuid REFERENCES person (id),
  checked_for   uuid REFERENCES organization (id),
  checked_at    timestamptz,
  checked_version integer,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alignment_resource ON alignment (resource_id, from_version);
CREATE INDEX alignment_standard ON alignment (standard_guid, level_id) WHERE to_version IS NULL;
CREATE UNIQUE INDEX alignment_current ON alignment (resource_id, standard_guid, relation, level_id) NULLS NOT DISTINCT WHERE to_version IS NULL;

-- The alignments that a draft will claim.
CREATE TABLE draft_alignment (
  id            uuid PRIMARY KEY DEFAULT uuidv7(),
  version_id    uuid NOT NULL REFERENCES version (id) ON DELETE CASCADE,
  standard_guid uuid NOT NULL REFERENCES standard (guid),
  relation      text NOT NULL DEFAULT 'teaches' CHECK (relation IN ('teaches', 'assesses', 'requires', 'related')),
  level_id      uuid REFERENCES competency_level (id),
  position      integer NOT NULL DEFAULT 0,
  UNIQUE NULLS NOT DISTINCT (version_id, standard_guid, relation, level_id)
);
CREATE INDEX draft_alignment_standard ON draft_alignment (standard_guid);

---------------------------------------------------------------- reuse

-- "I used this", once a person
CREATE TABLE use_mark (
  resource_id uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  person_id   uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  district_id uuid REFERENCES organization (id),
  note        text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (resource_id, person_id)
);
CREATE INDEX use_mark_person ON use_mark (person_id);

CREATE FUNCTION count_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE resource SET used_count = used_count + 1 WHERE id = NEW.resource_id;
  ELSE
    UPDATE resource SET used_count = used_count - 1 WHERE id = OLD.resource_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER use_mark_counted AFTER INSERT OR DELETE ON use_mark FOR EACH ROW EXECUTE FUNCTION count_uses();

-- Opened and taken: counts a day and organization of the reader; the nil UUID stands for the public.
CREATE TABLE daily_count (
  resource_id     uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  organization_id uuid NOT NULL,
  day             date NOT NULL,
  opened          integer NOT NULL DEFAULT 0,
  taken           integer NOT NULL DEFAULT 0,
  PRIMARY KEY (resource_id, day, organization_id)
);

---------------------------------------------------------------- collections (what a person saved is the first one)

CREATE TABLE collection (
  id         uuid PRIMARY KEY DEFAULT uuidv7(),
  owner_id   uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind       text NOT NULL CHECK (kind IN ('saved', 'list')),
  title      text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX collection_saved ON collection (owner_id) WHERE kind = 'saved';
CREATE TABLE collection_item (
  collection_id uuid NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
  resource_id   uuid NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
  position      integer NOT NULL DEFAULT 0,
  note          text NOT NULL DEFAULT '',
  added_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (collection_id, resource_id)
);
CREATE INDEX collection_item_resource ON collection_item (resource_id);

---------------------------------------------------------------- search: the projection in PostgreSQL, and what waits for an index

CREATE TABLE search_engine (
  name     text PRIMARY KEY CHECK (name IN ('postgres', 'meilisearch')),
  settings text NOT NULL DEFAULT '' -- version of the settings its index was built with
);
INSERT INTO search_engine (name) VALUES ('postgres');

-- One row a resource and engine, written in the transaction of the change; it goes when the engine has it.
CREATE TABLE search_dirty (
  engine      text NOT NULL REFERENCES search_engine (name) ON DELETE CASCADE,
  resource_id uuid NOT NULL, -- no foreign key: a purged resource must still leave the index
  priority    smallint NOT NULL DEFAULT 0, -- 0 a person's change, 1 import, 2 reindex
  stamp       bigint GENERATED ALWAYS AS IDENTITY, -- a later change gets a higher one
  marked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts    integer NOT NULL DEFAULT 0,
  retry_at    timestamptz,
  last_error  text,
  PRIMARY KEY (engine, resource_id)
);
CREATE INDEX search_dirty_next ON search_dirty (engine, priority, stamp);

CREATE FUNCTION mark_dirty(ids uuid[], how smallint DEFAULT 0) RETURNS void LANGUAGE sql AS $$
  INSERT INTO search_dirty AS d (engine, resource_id, priority)
  SELECT e.name, i.id, how FROM search_engine e CROSS JOIN (SELECT DISTINCT unnest(ids) AS id) i
  ORDER BY e.name, i.id
  ON CONFLICT (engine, resource_id) DO UPDATE
    SET priority = least(d.priority, excluded.priority), stamp = DEFAULT,
        marked_at = least(d.marked_at, clock_timestamp()), attempts = 0, retry_at = NULL
$$;
