"""Carrying out the steps of a runbook, one after the other: timed, bounded, exit codes written down and not trusted."""

from __future__ import annotations

import contextlib
import io
import shutil
import tarfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from blackstart.checks.restore_log import lines_with
from blackstart.child import Completed
from blackstart.engines.stepping import Ended, RunsSteps, Streams
from blackstart.errors import BlackstartError
from blackstart.procedures.steps import Step, split
from blackstart.shop import Shop
from blackstart.stack import Role
from blackstart.waiting import poll

SAID_LINES = 8
ASK_EVERY_S = 0.25
_OWNER = "import os, sys; s = os.stat(sys.argv[1]); print(s.st_uid, s.st_gid)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A step as it went."""

    number: int
    of: int
    words: str
    """What was done; a password in it is taken out."""
    status: int | None
    """The exit code of its command; None: it has none, or was not over in time."""
    took_s: float
    stopped: str
    """Why the procedure cannot go on after it; empty: it can, whatever the exit code."""
    said: tuple[str, ...]
    """The last lines that it wrote, passwords taken out."""
    errors: int
    """How many of the lines that were kept of what it wrote report an error."""

    @property
    def told(self) -> str:
        """The step in a line, with its exit code if it has one and was over in time."""
        how = "" if self.stopped or self.status is None else f": exit code {self.status}"
        return f"step {self.number} of {self.of}, {self.words}{how}"

    def record(self) -> dict[str, object]:
        """As it stands in the journal."""
        return {
            "number": self.number,
            "step": self.words,
            "exit_code": self.status,
            "took_s": round(self.took_s, 3),
            "stopped": self.stopped,
            "said": list(self.said),
            "error_lines": self.errors,
        }


def carry_out(shop: Shop, role: Role, steps: Sequence[Step], files: Path) -> Iterator[Carried]:
    """Each step, until all are done or one stops the procedure: it did not end, or could not be done.

    A command that ends with another exit code than 0 stops nothing, as in a shell without `set -e`.
    `files`: the backup folder.
    """
    for number, step in enumerate(steps, start=1):
        began = time.monotonic()
        ended, stopped = Ended(status=None, said=""), ""
        try:
            ended, stopped = _do(shop, role, step, files)
        except (BlackstartError, OSError, tarfile.TarError) as error:
            stopped = shop.secrets.redact(str(error).splitlines()[0])
        carried = Carried(
            number=number,
            of=len(steps),
            words=shop.secrets.redact(step.words()),
            status=ended.status,
            took_s=time.monotonic() - began,
            stopped=stopped,
            said=tuple(line for line in ended.said.splitlines() if line.strip())[-SAID_LINES:],
            errors=len(lines_with(Completed(status=ended.status or 0, errors=ended.said))),
        )
        yield carried
        if carried.stopped:
            return


def _do(shop: Shop, role: Role, step: Step, files: Path) -> tuple[Ended, str]:
    """How a step ended, and why the procedure cannot go on; empty if it can."""
    done = Ended(status=None, said="")
    service = step.service or shop.service(role)
    match step.kind:
        case "start":
            shop.engine.start(service)
        case "stop":
            shop.engine.stop(service)
        case "copy":
            _copy(_engine(shop), step, files)
        case "wait-for":
            return _wait(shop, role, step, files)
        case "exec" | "shell":
            return _command(shop, role, step, files, step.within)
    return done, ""


def _engine(shop: Shop) -> RunsSteps:
    engine = shop.engine
    assert isinstance(engine, RunsSteps)
    return engine


def _command(shop: Shop, role: Role, step: Step, files: Path, within_s: float) -> tuple[Ended, str]:
    engine, argv, began = _engine(shop), step.argv(), time.monotonic()
    with contextlib.ExitStack() as stack:
        streams = Streams(
            stdin=stack.enter_context(_opened(files, step.stdin, "rb")) if step.stdin else None,
            stdout=stack.enter_context(_opened(files, step.stdout, "wb")) if step.stdout else None,
        )
        if step.volume:
            ended = engine.step_on(step.volume, argv, streams, within_s)
        elif step.kind == "exec" or step.service:
            ended = engine.step_in(step.service or shop.service(role), argv, streams, within_s)
        else:
            ended = engine.step_here(files, argv, streams, within_s)
    over = ended.status is None or time.monotonic() - began >= within_s
    return ended, f"it was not over within {within_s:g} s" if over else ""


def _wait(shop: Shop, role: Role, step: Step, files: Path) -> tuple[Ended, str]:
    """Ask until the answer is 0; one that does not answer is asked no longer than there is time."""
    deadline = time.monotonic() + step.within
    last = Ended(status=None, said="")

    def came() -> bool:
        nonlocal last
        left = deadline - time.monotonic()
        if left > 0:
            last, _ = _command(shop, role, step, files, left)
        return last.status == 0 and time.monotonic() <= deadline

    if poll(came, within_s=step.within, every_s=ASK_EVERY_S):
        return last, ""
    return last, f"it did not come within {step.within:g} s"


def _opened(files: Path, name: str, mode: str) -> IO[bytes]:
    path = files / name
    if "w" in mode:
        path.parent.mkdir(parents=True, exist_ok=True)
    return path.open(mode)


def _copy(engine: RunsSteps, step: Step, files: Path) -> None:
    """A file out of a volume, or into one, where it belongs to whoever the volume's own folder belongs to."""
    source, path = split(step.from_)
    if source:
        _fetch(engine, source, path, files / step.to)
        return
    volume, target = split(step.to)
    owner, group = map(int, engine.on_volume(volume, _OWNER).split())
    with (files / step.from_).open("rb") as content, (files.parent / "copied.tar").open("w+b") as spool:
        with tarfile.open(fileobj=spool, mode="w") as tar:
            member = tarfile.TarInfo(target)
            member.size = (files / step.from_).stat().st_size
            member.uid, member.gid, member.mtime = owner, group, int(time.time())
            tar.addfile(member, content)
        spool.seek(0)
        engine.write_volume(volume, spool)


def _fetch(engine: RunsSteps, volume: str, path: str, target: Path) -> None:
    """OSError if there is no such file."""
    found = False
    with engine.read_volume(volume) as tar, tarfile.open(fileobj=tar, mode="r|") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.name.removeprefix("./") == path else None
            if stream is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(stream, out, io.DEFAULT_BUFFER_SIZE)
                found = True
    if not found:
        raise FileNotFoundError(f"the volume {volume} has no file {path}")
