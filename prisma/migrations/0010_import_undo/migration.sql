-- Taking an import back deletes versions, and each asks whether it is some resource's current one.
CREATE INDEX resource_current_version ON resource (current_version_id);
