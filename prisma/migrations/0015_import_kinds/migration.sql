-- Parts of a package or a folder that are of a kind that isn't taken are rows of their own in a run's report.
ALTER TABLE import_row DROP CONSTRAINT import_row_outcome_check;
ALTER TABLE import_row ADD CONSTRAINT import_row_outcome_check
  CHECK (outcome IN ('new', 'changed', 'unchanged', 'rejected', 'skipped', 'missing', 'withdrawn', 'kept'));
