#!/bin/bash
# Makes a database in an empty PGDATA, then becomes the server.
#   POSTGRES_PASSWORD            required, unless POSTGRES_HOST_AUTH_METHOD=trust
#   POSTGRES_USER, POSTGRES_DB   postgres, and the user's name
#   POSTGRES_INITDB_ARGS         words added to initdb's command line
#   POSTGRES_HOST_AUTH_METHOD    how clients from elsewhere prove who they are: scram-sha-256
# The first four may be given as NAME_FILE instead: a path whose content is the value.
# /docker-entrypoint-initdb.d/*.sh|.sql|.sql.gz run once, in order, before the server listens on the network.
set -Eeuo pipefail

fail() {
    echo "docker-entrypoint.sh: $*" >&2
    exit 1
}

# from_file NAME DEFAULT: NAME's value from the environment, else from the file NAME_FILE names.
from_file() {
    local name=$1 file_name=${1}_FILE
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
        fail "both $name and $file_name are set; give one"
    fi
    local value=${!name:-$2}
    if [ -n "${!file_name:-}" ]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

prepare_folders() {
    mkdir -p "$PGDATA" /var/run/postgresql
    # A volume may be one whose mode cannot be changed; initdb and the server complain if it matters.
    chmod 700 "$PGDATA" || true
    chmod 3775 /var/run/postgresql || true
    if [ "$(id -u)" = 0 ]; then
        find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    fi
}

initialise() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
        fail "PGDATA is empty and POSTGRES_PASSWORD is not set: a new database needs a password for $POSTGRES_USER"
    fi
    local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} password_option=()
    if [ -n "$POSTGRES_PASSWORD" ]; then
        password_option=(--pwfile=/dev/fd/3)
    fi
    # The password goes through a pipe: an argument would show in the process list.
    # POSTGRES_INITDB_ARGS is a list of words; quotes within it count.
    eval 'initdb --username="$POSTGRES_USER" "${password_option[@]}" '"$POSTGRES_INITDB_ARGS" \
        3< <(printf '%s\n' "$POSTGRES_PASSWORD")
    # initdb trusts the socket and the container's own loopback; everyone else authenticates.
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

# Runs psql on the temporary server; the database is POSTGRES_DB unless an option names another.
shop_psql() {
    psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password --dbname "$POSTGRES_DB" "$@"
}

run_init_scripts() {
    local script
    for script in /docker-entrypoint-initdb.d/*; do
        case $script in
            *.sh)
                echo "docker-entrypoint.sh: running $script"
                # An executable one has its own interpreter; others see this shell's functions.
                if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
            *.sql)
                echo "docker-entrypoint.sh: running $script"
                shop_psql -f "$script" ;;
            *.sql.gz)
                echo "docker-entrypoint.sh: running $script"
                gunzip -c "$script" | shop_psql ;;
            */\*) ;;
            *) echo "docker-entrypoint.sh: ignoring $script" ;;
        esac
    done
}

# Databases and scripts go in through a server that only the socket reaches, so that
# whoever waits for the TCP port finds the finished database and nothing before it.
populate() {
    pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
    export PGHOST=/var/run/postgresql PGPORT=5432
    if [ "$POSTGRES_DB" != postgres ]; then
        shop_psql --dbname postgres --set name="$POSTGRES_DB" <<< 'CREATE DATABASE :"name";'
    fi
    run_init_scripts
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGHOST PGPORT
}

wants_help() {
    local argument
    for argument; do
        case $argument in -'?'|--help|--describe-config|-V|--version) return 0 ;; esac
    done
    return 1
}

if [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
fi
if [ "${1:-}" = postgres ] && ! wants_help "$@"; then
    prepare_folders
    if [ "$(id -u)" = 0 ]; then
        export HOME=/var/lib/postgresql
        exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$BASH_SOURCE" "$@"
    fi
    from_file POSTGRES_PASSWORD ''
    from_file POSTGRES_USER postgres
    from_file POSTGRES_DB "$POSTGRES_USER"
    from_file POSTGRES_INITDB_ARGS ''
    if [ -s "$PGDATA/PG_VERSION" ]; then
        echo "docker-entrypoint.sh: $PGDATA holds a database already; nothing to initialise"
    else
        initialise
        populate
        echo "docker-entrypoint.sh: the database is made; starting the server"
    fi
fi
exec "$@"
