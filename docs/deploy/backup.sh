#!/bin/sh
# A backup of Commonshelf on a PostgreSQL server: backup.sh FOLDER
# The database first, the files after it: content never changes and is kept a day after the last row that has it, so every
# row of the dump has its file in the copy. FOLDER/files is added to, never deleted from; FOLDER/database has a dump a day.
set -eu
# The dump has what the database has, hashes of passwords too: nobody else reads it.
umask 077
folder=${1:?say where: backup.sh FOLDER}
: "${DATABASE_URL:?}" "${DATA_DIR:?}"
mkdir -p "$folder/database" "$folder/files/content"
dump="$folder/database/commonshelf-$(date -u +%Y-%m-%dT%H%M%SZ).dump"
# pg_dump must not be older than the server.
pg_dump --dbname="$DATABASE_URL" --format=custom --no-owner --no-privileges --file="$dump.part"
pg_restore --list "$dump.part" >/dev/null
mv "$dump.part" "$dump"
rsync --archive --ignore-existing "$DATA_DIR/files/content/" "$folder/files/content/"
find "$folder/database" -name 'commonshelf-*.dump' -mtime +30 -delete
echo "$dump"
