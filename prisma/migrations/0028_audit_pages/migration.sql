-- The log is read by what was done and where, newest first.
CREATE INDEX audit_event_action ON audit_event (action, id DESC);
CREATE INDEX audit_event_organization ON audit_event (organization_id, id DESC);
