#!/bin/sh
# Becomes the command; a Redis server runs as the redis user and owns its working folder.
# Standard input is passed on untouched: `redis-server -` reads its configuration from there.
set -eu

# Options, or a configuration file, without a command are the server's.
case ${1:-} in
    -*|*.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi

if [ "${1:-}" = redis-server ]; then
    # The data are the server's alone.
    if [ "$(umask)" = 0022 ]; then umask 0077; fi
    # Other containers are not loopback clients. The official binary has protected mode off by default;
    # here it is the first option, so that any later one, and any configuration file, decides otherwise.
    # `-` is read as standard input only where it is the first or the last argument.
    case ${2:-} in
        -) shift 2; set -- redis-server - --protected-mode no "$@" ;;
        ''|--[!hv]*) shift; set -- redis-server --protected-mode no "$@" ;;
    esac
fi
exec "$@"
