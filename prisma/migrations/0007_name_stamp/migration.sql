-- Names of standards, frameworks and districts are kept in memory like the vocabularies.
INSERT INTO list_stamp (name) VALUES ('names');
CREATE TRIGGER framework_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON framework EXECUTE FUNCTION list_changed('names');
CREATE TRIGGER standard_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON standard EXECUTE FUNCTION list_changed('names');
CREATE TRIGGER standard_parent_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON standard_parent EXECUTE FUNCTION list_changed('names');
CREATE TRIGGER organization_listed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON organization EXECUTE FUNCTION list_changed('names');
