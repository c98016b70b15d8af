-- The look of the site, as the state's administrators set it. One row; what is empty is as the settings say.
CREATE TABLE site (
  single        boolean PRIMARY KEY DEFAULT true CHECK (single),
  name          text NOT NULL DEFAULT '',
  contact       text NOT NULL DEFAULT '',
  accent        text CHECK (accent ~ '^[0-9a-f]{6}$'),
  accent_dark   text CHECK (accent_dark ~ '^[0-9a-f]{6}$'),
  logo          text, -- the SHA-256 of its bytes
  banner        text NOT NULL DEFAULT '',
  banner_from   date,
  banner_until  date,
  banner_closes boolean NOT NULL DEFAULT true,
  privacy       text NOT NULL DEFAULT '', -- Markdown
  terms         text NOT NULL DEFAULT '',
  accessibility text NOT NULL DEFAULT '',
  revision      integer NOT NULL DEFAULT 1,
  updated_at    timestamptz NOT NULL DEFAULT now()
);
INSERT INTO site DEFAULT VALUES;

-- Logos by their content: an address that was handed out goes on working while somebody's page is cached.
CREATE TABLE site_logo (
  sha256     text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  mime       text NOT NULL CHECK (mime IN ('image/png', 'image/jpeg')),
  bytes      bytea NOT NULL CHECK (octet_length(bytes) <= 262144),
  width      integer NOT NULL,
  height     integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE site ADD FOREIGN KEY (logo) REFERENCES site_logo (sha256);
