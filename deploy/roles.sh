#!/bin/sh
# Makes the two roles and the database, with the passwords that lie in the folder SECRETS. PSQL is how an administrator
# of PostgreSQL runs psql here; the PostgreSQL container runs this by itself, once.
set -eu
: "${SECRETS:=/run/secrets}"
# By standard input: what stands on a command line, everybody on the machine can read.
{
    printf "\\\\set owner_password '%s'\n" "$(cat "$SECRETS/owner_password")"
    printf "\\\\set app_password '%s'\n" "$(cat "$SECRETS/app_password")"
    cat "${ROLES:-$(dirname "$0")/roles.sql}"
} | ${PSQL:-psql --username "$POSTGRES_USER"} --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres
