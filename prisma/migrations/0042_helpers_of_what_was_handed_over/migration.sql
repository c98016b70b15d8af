-- Whoever got something handed over may have been its co-author or editor before: given back, they are it again.
ALTER TABLE transfer_item ADD COLUMN receiver_helped boolean NOT NULL DEFAULT false;
