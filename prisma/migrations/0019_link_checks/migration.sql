-- Whether the addresses that resources lead to answer: one row an address, however many resources have it.
CREATE TABLE link_check (
  url        text PRIMARY KEY CHECK (length(url) <= 2000),
  -- unclear: it answered, but not to us (sign-in, too many requests, a private network)
  state      text NOT NULL CHECK (state IN ('works', 'unclear', 'failing', 'dead')),
  failures   integer NOT NULL DEFAULT 0, -- one after another
  detail     text NOT NULL DEFAULT '', -- what it answered, for staff
  checked_at timestamptz NOT NULL,
  failing_since timestamptz,
  next_at    timestamptz NOT NULL
);
CREATE INDEX link_check_next ON link_check (next_at);
