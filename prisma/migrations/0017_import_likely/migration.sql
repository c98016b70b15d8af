-- What rows of an import are perhaps the same as: by the content of a file, by a link, by a title that is nearly the same.

-- A link without what differs between two copies of it: scheme, www, trailing slash, fragment, marks of campaigns.
CREATE FUNCTION link_key(url text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT hashtextextended(
    regexp_replace(regexp_replace(regexp_replace(lower(substring(url FROM '^[^?#]*')), '^https?://(www\.)?', ''), '/(index\.html?)?$', ''), ':(80|443)(?=/|$)', '')
    || coalesce(nullif(regexp_replace(substring(url FROM '\?[^#]*'), '[?&](utm_[a-z]+|fbclid|gclid)=[^&]*', '', 'gi'), '?'), ''), 0)
$$;

-- What titles that are nearly the same share: all of their words in any order, their first three, or their last three,
-- each with the numbers in the title, since titles that differ in a number are parts of one series.
CREATE FUNCTION title_keys(title text) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT ARRAY[
    hashtextextended(t.every, 0),
    CASE WHEN t.count > 3 THEN hashtextextended('head ' || t.first || t.numbers, 0) END,
    CASE WHEN t.count > 3 THEN hashtextextended('tail ' || t.last || t.numbers, 0) END]
  FROM (
    SELECT string_agg(w.word, ' ' ORDER BY w.word COLLATE "C") AS every, count(*) AS count,
      string_agg(w.word, ' ' ORDER BY w.place) FILTER (WHERE w.place <= 3) AS first,
      string_agg(w.word, ' ' ORDER BY w.place) FILTER (WHERE w.place > w.many - 3) AS last,
      coalesce(string_agg(w.word, ' ' ORDER BY w.place) FILTER (WHERE w.word ~ '[0-9]'), '') AS numbers
    FROM (SELECT word, place, count(*) OVER () AS many
          FROM regexp_split_to_table(btrim(regexp_replace(public.plain(left(title, 300)), '[^[:alnum:]]+', ' ', 'g')), ' ') WITH ORDINALITY AS s (word, place)) w
  ) t
$$;

CREATE INDEX version_link_key ON version (link_key(url)) WHERE url IS NOT NULL AND number IS NOT NULL;
CREATE INDEX version_title_all ON version (((title_keys(title))[1])) WHERE number IS NOT NULL;
CREATE INDEX version_title_head ON version (((title_keys(title))[2])) WHERE number IS NOT NULL;
CREATE INDEX version_title_tail ON version (((title_keys(title))[3])) WHERE number IS NOT NULL;

-- Resources that a row is perhaps the same as, with why: [{"id", "why": "file" | "link" | "title"}]
ALTER TABLE import_row ADD COLUMN likely jsonb;
