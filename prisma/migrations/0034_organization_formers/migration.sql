-- Whether a former name or address came with an organization that was merged: programs that send there are told, as what
-- they send may have another source's name now.
ALTER TABLE organization_former ADD COLUMN merged boolean NOT NULL DEFAULT false;
