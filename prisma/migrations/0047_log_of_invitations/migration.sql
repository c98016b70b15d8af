-- Whose invitation a line of the log is about, once it was accepted: the line of the acceptance names both.
CREATE INDEX audit_event_accepted ON audit_event ((detail ->> 'invitation')) WHERE action = 'invitation.accepted';
