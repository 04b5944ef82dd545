"""Which Docker daemon: resolved once, then the same for the SDK and for every command."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import docker
import docker.errors

from blackstart.child import ask
from blackstart.errors import Refused

COMPOSE_HINT = "install the Compose plugin (Debian: docker-compose, Docker's packages: docker-compose-plugin)"
_INFO = '{{.ID}}|{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A daemon that answered, the client for it, and how commands are told to use it."""

    host: str
    cli: str
    compose: str
    server: str

    def environment(self) -> dict[str, str]:
        """For child processes: only this daemon, whatever the user's context is."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "DOCKER_HOST": self.host, "DOCKER_CLI_HINTS": "false"}

    def client(self) -> docker.DockerClient:
        """The SDK's client for this daemon."""
        return client_for(self.host)


@cache
def client_for(host: str) -> docker.DockerClient:
    """One client a daemon; its connections are pooled."""
    return docker.DockerClient(base_url=host, timeout=60)


@cache
def resolve() -> Endpoint:
    """The daemon that `docker` itself would talk to; Refused with what is missing."""
    cli = shutil.which("docker")
    if cli is None:
        raise Refused("the docker command is not on PATH", hint="install Docker Engine, or use --engine embedded")
    host = ask([cli, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
    if host is None:
        raise Refused("docker names no context", hint="docker context ls shows what there is")
    local = host.startswith(("unix://", "npipe://", "tcp://127.", "tcp://localhost"))
    if not local:
        raise Refused(
            f"the Docker daemon at {host} is on another machine, whose published loopback ports we cannot reach",
            hint="point DOCKER_HOST or the context at a local daemon",
        )
    socket = Path(host.removeprefix("unix://"))
    nobody = Refused(
        f"no Docker daemon answers at {host}", hint="start it (systemctl start docker), or use --engine embedded"
    )
    if host.startswith("unix://") and not socket.exists():
        raise nobody
    if host.startswith("unix://") and not os.access(socket, os.W_OK):
        raise Refused(
            f"you may not use the Docker daemon at {host}", hint="join the group docker, or use --engine embedded"
        )
    try:
        info = client_for(host).info()
    except (docker.errors.DockerException, OSError) as error:
        raise nobody from error
    return _checked(cli, host, info)


def _checked(cli: str, host: str, info: dict[str, str]) -> Endpoint:
    answer = ask([cli, "info", "--format", _INFO], environment={"DOCKER_HOST": host}) or "|"
    daemon, _, compose = answer.partition("|")
    if daemon != info["ID"]:
        raise Refused(
            f"the docker command and its API at {host} speak to different daemons",
            hint="unset DOCKER_CONTEXT",
        )
    if not compose:
        raise Refused("docker has no compose plugin", hint=COMPOSE_HINT)
    return Endpoint(host=host, cli=cli, compose=compose, server=info["ServerVersion"])
