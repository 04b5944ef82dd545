#!/bin/sh
# Makes sure that the Docker tests have a daemon with Compose.
#
# A daemon that answers is used as it is. With CI=true or DOCKER=install, on Debian or Ubuntu and as
# root, Engine and Compose are installed and started: that rewrites the machine's iptables, so it is
# never done unasked. Otherwise one line says that the Docker tests do not run; in CI it is a failure.
set -eu

answers() { docker info >/dev/null 2>&1; }
has_compose() { docker compose version >/dev/null 2>&1; }

give_up() {
    echo "The Docker tests do not run: $1. Start Docker with Compose, or: make test DOCKER=install (Debian or Ubuntu, as root)."
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

install_engine() {
    # mmdebstrap makes the base image where no registry is reached.
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        docker.io iptables mmdebstrap procps ca-certificates
}

# The Compose plugin of Debian 13; its one dependency is libc6 >= 2.34. Lists and caches of its own, so
# that the machine's package sources stay as they are.
install_compose() {
    if apt-get install -q -y --no-install-recommends docker-compose-v2 2>/dev/null && has_compose; then
        return
    fi
    folder=$(mktemp -d)
    mkdir -p "$folder/lists/partial" "$folder/archives/partial"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -f $keyring ] || apt-get install -q -y --no-install-recommends debian-archive-keyring
    echo "deb [signed-by=$keyring] http://deb.debian.org/debian trixie main" >"$folder/sources.list"
    set -- -q -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o "Dir::State::lists=$folder/lists" -o "Dir::Cache::archives=$folder/archives" \
        -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o APT::Sandbox::User=root
    apt-get "$@" update
    (cd "$folder" && apt-get "$@" download docker-compose && dpkg -x docker-compose_*.deb unpacked)
    mkdir -p "$HOME/.docker/cli-plugins"
    cp "$folder/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$HOME/.docker/cli-plugins/"
    rm -rf "$folder"
}

start_engine() {
    # A daemon that was killed leaves a pid file behind that keeps the next one from starting.
    if [ -f /var/run/docker.pid ] && ! kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; then
        rm -f /var/run/docker.pid
    fi
    setsid dockerd >/var/log/blackstart-dockerd.log 2>&1 </dev/null &
    tries=0
    until answers; do
        tries=$((tries + 1))
        if [ $tries -gt 120 ]; then
            tail -n 20 /var/log/blackstart-dockerd.log
            give_up "dockerd did not answer within a minute"
        fi
        sleep 0.5
    done
}

if answers && has_compose; then
    exit 0
fi
[ "${CI:-}" = true ] || [ "${DOCKER:-}" = install ] || give_up "no Docker daemon with Compose answers"
[ "$(id -u)" = 0 ] || give_up "installing Docker takes root"
command -v apt-get >/dev/null || give_up "installing Docker is known for Debian and Ubuntu only"

command -v dockerd >/dev/null && command -v mmdebstrap >/dev/null || install_engine
answers || start_engine
has_compose || install_compose
has_compose || give_up "the Compose plugin could not be installed"
docker version --format 'Docker Engine {{.Server.Version}} is up'
