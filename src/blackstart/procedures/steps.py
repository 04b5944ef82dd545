"""The steps of a runbook as YAML says them, and what no type can say of what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Literal

from blackstart.errors import Problem
from blackstart.units import Duration
from blackstart.yaml_source import Key, Source, shown

Kind = Literal["exec", "shell", "wait-for", "copy", "start", "stop"]
RUN_ALLOWED = "a line for sh in quotes, or a list of a program and its words"
FILE_ALLOWED = "the name of a file in the backup folder, such as dump.sql or dumps/shop.sql"
COPY_ALLOWED = "VOLUME:PATH on one side, a file of the backup folder on the other"

_KEYS: Mapping[Kind, tuple[str, ...]] = {
    "exec": ("run", "service", "volume", "stdin", "stdout", "within"),
    "shell": ("run", "stdin", "stdout", "within"),
    "wait-for": ("run", "service", "volume", "within"),
    "copy": ("from", "to"),
    "start": ("service",),
    "stop": ("service",),
}
_REQUIRED: Mapping[Kind, tuple[str, ...]] = {
    "exec": ("run",),
    "shell": ("run",),
    "wait-for": ("run",),
    "copy": ("from", "to"),
    "start": (),
    "stop": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: a command, a wait, a copy, or a service that is started or stopped."""

    kind: Kind
    """`exec`: a command in a service or on a volume. `shell`: a command on this machine, in the backup folder.
    `wait-for`: a command, again and again, until it ends with 0. `copy`: a file between the backup folder and a
    volume. `start`, `stop`: a service."""
    run: object = ""
    """The command: a line for `sh`, or a list of a program and its words. The stores' addresses and passwords are in
    its environment, by the names that their clients know (`PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`;
    `REDIS_HOST`, `REDIS_PORT`, `REDISCLI_AUTH`)."""
    service: str = ""
    """Where `exec` and `wait-for` run, and what `start` and `stop` mean; by default the service of the role. A
    `wait-for` that names neither service nor volume runs on this machine."""
    volume: str = ""
    """Instead of a service: in this volume's folder (`VOLUME` names it), whether or not its service runs."""
    stdin: str = ""
    """File of the backup folder that the command reads."""
    stdout: str = ""
    """File of the backup folder that takes what it writes."""
    from_: str = ""
    """Of a copy: `VOLUME:PATH`, or a file of the backup folder."""
    to: str = ""
    """Of a copy: the other of both."""
    within: Duration = 300.0
    """How long it may take; then it is ended, and the procedure with it."""

    def argv(self) -> list[str]:
        """The command in words."""
        return [str(word) for word in self.run] if isinstance(self.run, list | tuple) else ["sh", "-c", str(self.run)]

    def words(self) -> str:
        """What a report calls it."""
        if self.kind in ("start", "stop"):
            return f"{self.kind} {self.service}".rstrip()
        if self.kind == "copy":
            return f"copy {self.from_} to {self.to}"
        run = " ".join(self.argv()) if isinstance(self.run, list | tuple) else str(self.run).strip()
        return f"{self.kind} {run.splitlines()[0]}"

    def value(self, key: str) -> object:
        """What the file says of a key."""
        return getattr(self, "from_" if key == "from" else key)


def split(place: str) -> tuple[str, str]:
    """Volume and path of one side of a copy; the volume is empty if it is a file of the backup folder."""
    volume, colon, path = place.partition(":")
    return (volume, path.lstrip("/")) if colon else ("", place)


def problems(step: Step, source: Source, key: Key) -> Iterator[Problem]:
    """What is wrong with a step that has the right types."""
    able, needed = _KEYS[step.kind], _REQUIRED[step.kind]
    default = {f.name.rstrip("_"): f.default for f in fields(Step)}
    for name in sorted(default.keys() - {"kind"}):
        given = step.value(name) != default[name]
        if given and name not in able:
            yield source.problem((*key, name), f"a step of the kind {step.kind} has no such key", ", ".join(able))
        elif not given and name in needed:
            yield source.problem((*key, name), "is missing", RUN_ALLOWED if name == "run" else COPY_ALLOWED)
    if "run" in able and step.run != "" and not _is_command(step.run):
        yield source.problem((*key, "run"), f"{shown(step.run)} is no command", RUN_ALLOWED)
    if step.service and step.volume:
        yield source.problem((*key, "volume"), "stands beside a service", "either a service or a volume")
    for name in ("stdin", "stdout"):
        file = str(step.value(name))
        if file and not is_inside(file):
            yield source.problem((*key, name), f"{shown(file)} is no file of the backup folder", FILE_ALLOWED)
    if step.kind == "copy" and step.from_ and step.to:
        yield from _copy_problems(step, source, key)
    if step.within <= 0:
        yield source.problem((*key, "within"), "nothing is over in no time", "a duration above 0s")


def is_inside(path: str) -> bool:
    """Whether a relative path stays below where it starts, and names something there."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts


def _is_command(run: object) -> bool:
    if isinstance(run, list | tuple):
        return bool(run) and all(isinstance(word, str) for word in run) and bool(run[0])
    return isinstance(run, str) and bool(run.strip())


def _copy_problems(step: Step, source: Source, key: Key) -> Iterator[Problem]:
    """A copy has a volume on one side, and paths that leave neither place."""
    sides = {"from": split(step.from_), "to": split(step.to)}
    if sum(bool(volume) for volume, _ in sides.values()) != 1:
        yield source.problem((*key, "to"), "a copy goes between a volume and the backup folder", COPY_ALLOWED)
    for name, (_, path) in sides.items():
        if not is_inside(path):
            yield source.problem((*key, name), f"{shown(step.value(name))} names no file there", COPY_ALLOWED)
