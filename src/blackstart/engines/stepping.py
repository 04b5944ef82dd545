"""Carrying out a step of somebody's own procedure: in a service, on a volume, or on this machine.

What a step says may hold a password, whatever we do. So it is kept from the logs, read when the step
is over, and written down with every password taken out.
"""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, runtime_checkable

from blackstart.child import MARK, TAIL_BYTES, Children, end_session, end_tree
from blackstart.credentials import LONGEST_BYTES, Secrets
from blackstart.engines.base import RunsOnVolumes

LOG = "runbook"
GRACE_S = 10.0
"""What ends a step within its container ends it first; the command that waits for it is ended after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """Files that a step reads from and writes to; None: nothing, and what it says."""

    stdin: IO[bytes] | None = None
    stdout: IO[bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a step ended."""

    status: int | None
    """Its exit code, or minus the number of the signal that ended it; None: it was not over in time."""
    said: str
    """The end of what it said, without passwords."""


@runtime_checkable
class RunsSteps(RunsOnVolumes, Protocol):
    """Carries out a command where a team's procedure has it; no password is in its arguments."""

    def step_in(self, service: str, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """In a running service's container; without containers as a process beside it."""
        ...

    def step_on(self, volume: str, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """In a volume's folder, which `VOLUME` names, whether or not a service runs on it."""
        ...

    def step_here(self, folder: Path, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """On this machine, in a folder."""
        ...


def variables(secrets: Secrets, database: tuple[str, int], cache: tuple[str, int]) -> dict[str, str]:
    """The addresses and passwords of the shop's stores, as the clients of PostgreSQL and Redis know them."""
    return {
        "PGHOST": database[0],
        "PGPORT": str(database[1]),
        "PGUSER": "shop",
        "PGDATABASE": "shop",
        "PGPASSWORD": secrets.database,
        "REDIS_HOST": cache[0],
        "REDIS_PORT": str(cache[1]),
        "REDISCLI_AUTH": secrets.cache,
    }


def bounded(argv: Sequence[str], within_s: float) -> list[str]:
    """The command, ended from within its container: a client that is killed leaves it running there."""
    return ["timeout", "-s", "KILL", str(math.ceil(within_s)), *argv]


def conduct(
    children: Children,
    secrets: Secrets,
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    streams: Streams,
    deadline_s: float,
) -> Ended:
    """Run a child to its end, or to the deadline; nothing that it began goes on afterwards."""
    with tempfile.TemporaryFile(dir=children.work) as said:
        stdin = subprocess.DEVNULL if streams.stdin is None else streams.stdin
        out = said if streams.stdout is None else streams.stdout
        marked = {**env, MARK: os.path.realpath(children.work)}
        child = children.spawn(LOG, argv, env=marked, cwd=cwd, stdin=stdin, stdout=out, stderr=said)
        status: int | None = None
        try:
            status = child.wait(deadline_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if child.poll() is None:
                end_tree(child.pid)
                child.wait()
            end_session(child.pid)
        text = _tail(said, secrets)
    children.log(LOG, text)
    return Ended(status=status, said=text)


def _tail(file: IO[bytes], secrets: Secrets) -> str:
    """The end of a file without passwords; a cut through one would leave a part of it."""
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - TAIL_BYTES)
    file.seek(begin)
    text = secrets.redact(file.read().decode(errors="replace"))
    return text[LONGEST_BYTES:] if begin else text
