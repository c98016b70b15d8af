-- Frameworks name one another's standards by address; a crosswalk finds who else names the same one.
CREATE INDEX standard_association_destination_uri ON standard_association (destination_uri, type);
