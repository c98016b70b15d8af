-- Ids that are made one after the other within a millisecond are in that order on PostgreSQL 15 to 17 too: the twelve
-- bits behind the milliseconds hold their fraction (RFC 9562, section 6.2, method 3), as PostgreSQL 18 does it.
DO $do$
BEGIN
  IF to_regprocedure('pg_catalog.uuidv7()') IS NULL THEN
    CREATE OR REPLACE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
      SELECT encode(
        overlay(
          overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(now.us / 1000) FROM 3) FROM 1 FOR 6)
          PLACING substring(int4send((28672 + (now.us % 1000) * 4096 / 1000)::integer) FROM 3) FROM 7 FOR 2),
        'hex')::uuid
      FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us OFFSET 0) AS now
    $$;
  END IF;
END $do$;
