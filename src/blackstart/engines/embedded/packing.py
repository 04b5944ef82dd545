"""Packs a folder into a tar while others write to it, as GNU tar does on Docker.

What goes between a look at it and its reading is passed over. What grows is packed as long as it was when it
was opened, and what shrinks is filled up with zeros, so that all that follows stays where it belongs.
"""

from __future__ import annotations

import contextlib
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


def pack(folder: Path, out: IO[bytes], only: Sequence[str] = ()) -> None:
    """The folder itself and all below it, in the order of their paths; or only those paths in it."""
    paths = [folder / name for name in only] or [folder, *sorted(_below(folder))]
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                _add(tar, path, f"./{path.relative_to(folder)}" if path != folder else ".")


def _below(folder: Path) -> Iterator[Path]:
    for inside, folders, files in os.walk(folder, onerror=_unless_gone):
        yield from (Path(inside, name) for name in (*folders, *files))


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """One member; no header is written before its file is open."""
    member: tarfile.TarInfo | None = tar.gettarinfo(path, name)
    if member is None:
        return  # a socket, which no archive holds
    if not member.isreg():
        tar.addfile(member)
        return
    with path.open("rb") as file:
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=file), _Filled(file))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Filled:
    """A file that is never shorter than it is asked to be."""

    file: IO[bytes]

    def read(self, count: int) -> bytes:
        """So many bytes."""
        return self.file.read(count).ljust(count, b"\0")
