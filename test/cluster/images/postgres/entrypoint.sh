#!/bin/bash
# Makes a database where there is none, then becomes the server. Durability is off: see the Containerfile.
set -eu
: "${POSTGRES_PASSWORD:?name the password of user postgres}"
if [ ! -e "$PGDATA/PG_VERSION" ]; then
  initdb --no-sync -U postgres --auth-host=scram-sha-256 --pwfile=<(echo "$POSTGRES_PASSWORD")
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec postgres -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off -c full_page_writes=off "$@"
