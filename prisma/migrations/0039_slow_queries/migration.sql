-- Statements that took long, by day and text; the text is without values. Every process adds what it saw (server/platform/database/slow-queries.ts).
CREATE TABLE slow_query (
  day      date NOT NULL,
  hash     text NOT NULL, -- of the text
  text     text NOT NULL,
  calls    integer NOT NULL,
  total_ms double precision NOT NULL,
  most_ms  double precision NOT NULL,
  last_at  timestamptz NOT NULL,
  PRIMARY KEY (day, hash)
);
