-- Competency levels are renamed too, and imports that say the old name are still understood.
ALTER TABLE former_term DROP CONSTRAINT former_term_kind_check;
ALTER TABLE former_term ADD CONSTRAINT former_term_kind_check CHECK (kind IN ('topic', 'subject', 'type', 'setting', 'level'));
CREATE INDEX level_descriptor_level ON level_descriptor (level_id);
CREATE INDEX version_level_level ON version_level (level_id);
CREATE INDEX alignment_level ON alignment (level_id) WHERE level_id IS NOT NULL;
CREATE INDEX draft_alignment_level ON draft_alignment (level_id) WHERE level_id IS NOT NULL;

-- A file of standards or of rubrics that was read and is looked at before it is taken in. What was read is kept as it is
-- handed to the importer, so any process can go on with it.
CREATE TABLE standards_upload (
  id        uuid PRIMARY KEY DEFAULT uuidv7(),
  person_id uuid REFERENCES person (id) ON DELETE SET NULL,
  kind      text NOT NULL CHECK (kind IN ('framework', 'rubrics')),
  file_name text NOT NULL,
  content   jsonb, -- null once it was taken in or dropped
  -- server/standards/upload-states.ts moves it
  state     text NOT NULL CHECK (state IN ('looking', 'looked', 'loading', 'loaded', 'failed', 'dropped')),
  report    jsonb, -- what it would do, or did
  seen      text, -- the state of the framework that was looked at
  origin    jsonb NOT NULL DEFAULT '{}',
  made_at   timestamptz NOT NULL DEFAULT now(),
  moved_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX standards_upload_made ON standards_upload (made_at);
CREATE INDEX standards_upload_person ON standards_upload (person_id);

-- Words that somebody wrote or loaded here stay when the framework is loaded again.
ALTER TABLE level_descriptor ADD COLUMN set_here boolean NOT NULL DEFAULT false;
