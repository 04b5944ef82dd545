"""A run's state folder: what must be known to clean up after it, even when its process is gone.

${XDG_STATE_HOME:-~/.local/state}/blackstart/<run-id>/
  lock            held (flock) for the runner's life: free means that the run is dead
  key             proves by HMAC that a labelled thing is this run's
  created.jsonl   each thing's kind and name, on disk before the thing is made
  undo.jsonl      each injection, on disk before it is made
  work/           volumes, backups, sockets; gone with the folder
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_NEW = ".new-"
"""Begins the name of a folder that is not yet whole."""


def root() -> Path:
    """The folder that holds all runs' state folders."""
    home = os.environ.get("XDG_STATE_HOME")
    # A relative value is invalid by the XDG specification, which has it ignored.
    return (Path(home) if home and home.startswith("/") else Path.home() / ".local" / "state") / "blackstart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A line of created.jsonl."""

    kind: str
    name: str
    detail: Mapping[str, Any]


class StateFolder:
    """One run's state folder, locked while this object is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.name
        self.work = path / "work"
        self._lock_fd: int | None = None
        self._mutex = threading.Lock()

    @classmethod
    def create(cls, run_id: str) -> StateFolder:
        """A new folder, locked."""
        state = cls(root() / f"{_NEW}{run_id}")
        state.path.mkdir(parents=True, mode=0o700)
        (state.path / "lock").touch(mode=0o600)
        if not state.try_lock():
            raise RuntimeError(f"{state.path}: somebody else locked a folder that we just made")
        (state.path / "key").touch(mode=0o600)
        (state.path / "key").write_bytes(secrets.token_bytes(32))
        (state.path / "work").mkdir(mode=0o700)
        # Only a whole folder gets its name: nobody who sweeps meets a half-made one.
        state.path.rename(root() / run_id)
        made = cls(root() / run_id)
        made._lock_fd = state._lock_fd
        return made

    def try_lock(self) -> bool:
        """Take the lock if nobody holds it; False: the run is alive."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock_fd = descriptor
        return True

    def unlock(self) -> None:
        """Let go of the lock."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def proof(self, kind: str, name: str) -> str:
        """The label value that only this run can compute for a thing of that kind and name."""
        path = self.path / "key"
        key = path.read_bytes() if path.exists() else b""
        if not key:
            return "none"
        return hmac.new(key, f"{kind}:{name}".encode(), "sha256").hexdigest()

    def proves(self, kind: str, name: str, proof: str | None) -> bool:
        """Whether a label found on a thing is this run's proof for it."""
        own = self.proof(kind, name)
        return own != "none" and proof is not None and hmac.compare_digest(own.encode(), proof.encode())

    def creating(self, kind: str, name: str, **detail: Any) -> None:
        """Put on disk that a thing is about to be made; call it before making the thing."""
        self._append("created.jsonl", {"kind": kind, "name": name, "detail": detail})

    def created(self) -> tuple[Created, ...]:
        """Everything that this run may have made, oldest first."""
        return tuple(Created(**line) for line in self._lines("created.jsonl"))

    def undo(self, record: Mapping[str, Any]) -> None:
        """Put a step of an injection on disk; call it before taking the step."""
        self._append("undo.jsonl", record)

    def open_undos(self) -> tuple[Mapping[str, Any], ...]:
        """Injections that were begun and not closed, newest first."""
        last: dict[str, Mapping[str, Any]] = {}
        for line in self._lines("undo.jsonl"):
            last[line["id"]] = {**last.get(line["id"], {}), **line}
        return tuple(record for record in reversed(last.values()) if record["state"] != "closed")

    def clear(self) -> list[str]:
        """Remove the work folder; returns what is still there, by name."""
        shutil.rmtree(self.work, ignore_errors=True)
        return [f"folder {self.work}"] if self.work.exists() else []

    def remove(self) -> None:
        """The folder goes last, when nothing is left that it would be needed for."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.unlock()

    def _append(self, file: str, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, sort_keys=True) + "\n"
        with self._mutex, (self.path / file).open("ab+") as out:
            _cut_torn_line(out)
            out.write(line.encode())
            out.flush()
            os.fsync(out.fileno())

    def _lines(self, file: str) -> list[dict[str, Any]]:
        path = self.path / file
        text = path.read_text() if path.exists() else ""
        # A runner killed in the middle of a line had not yet done what the line announces.
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _cut_torn_line(file: BinaryIO) -> None:
    """Drop a last line that a killed writer left unfinished: the next one must not continue it."""
    file.seek(0)
    written = file.read()
    whole = written.rfind(b"\n") + 1
    if whole < len(written):
        file.truncate(whole)


def all_folders() -> Iterator[StateFolder]:
    """Every run's state folder on this machine, half-made ones included.

    A link, a folder with another kind of name or one without a lock is not ours, whoever put it here.
    """
    for path in sorted(root().iterdir()) if root().is_dir() else []:
        named = re.fullmatch(rf"({re.escape(_NEW)})?\d{{8}}T\d{{6}}Z-[a-z0-9-]+-[0-9a-f]{{6}}", path.name)
        if named and not path.is_symlink() and (path / "lock").is_file():
            yield StateFolder(path)
