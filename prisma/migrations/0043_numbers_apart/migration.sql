-- People of a period whom a shorter period doesn't have: a reader who has both counts could subtract them.
ALTER TABLE reuse_people ADD COLUMN apart integer; -- the fewest of these groups; null where there is none
