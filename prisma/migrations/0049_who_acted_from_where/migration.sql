-- Where the person worked who did something, at that moment: a district reads what its people did while they were its
-- people. Written by the table itself, since rows come from many statements. Null in rows from before this column. No
-- foreign key: a merge must not change the log.
ALTER TABLE audit_event ADD COLUMN actor_organization_id uuid;
CREATE FUNCTION note_actor_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.actor_organization_id := coalesce(NEW.actor_organization_id,
    (SELECT organization_id FROM person WHERE id = NEW.actor_id));
  RETURN NEW;
END $$;
CREATE TRIGGER audit_event_actor_place BEFORE INSERT ON audit_event
  FOR EACH ROW WHEN (NEW.actor_id IS NOT NULL) EXECUTE FUNCTION note_actor_place();
CREATE INDEX audit_event_actor_organization ON audit_event (actor_organization_id, id DESC);

-- What became of an invitation's mail: given to a mail server, or written to the folder of the server. Null: nothing yet,
-- or from before this column. And the name of the place that it was sent for, where that one was merged since.
ALTER TABLE invitation
  ADD COLUMN sent_by text CHECK (sent_by IN ('mail', 'folder')),
  ADD COLUMN merged_from text;
