"""The index of a mirror of files: what a volume holds, and which blob has each file's content."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal

from blake3 import blake3
from pydantic import TypeAdapter

from blackstart.backups import BLOBS
from blackstart.evidence import FileFingerprint

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, folder or link of the volume."""

    kind: Literal["file", "folder", "link"]
    mode: int
    """Permission bits."""
    uid: int
    gid: int
    mtime: float
    """Seconds since the epoch. It is brought back, and never trusted."""
    target: str = ""
    bytes: int = 0
    sha256: str = ""
    """Of the content, as it was hashed beside the volume."""
    blake3: str = ""
    """Of the content, and the name of its blob."""

    def fingerprint(self) -> FileFingerprint:
        """As the manifest has it."""
        mode = None if self.kind == "link" else self.mode
        owner = f"{self.uid}:{self.gid}"
        return FileFingerprint(
            bytes=self.bytes, blake3=self.blake3, kind=self.kind, mode=mode, owner=owner, target=self.target
        )

    def member(self, path: str) -> tarfile.TarInfo:
        """As the head of a tar's member."""
        made = tarfile.TarInfo(path)
        made.mode, made.uid, made.gid, made.mtime = self.mode, self.uid, self.gid, self.mtime
        kinds = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}
        made.type, made.linkname, made.size = kinds[self.kind], self.target, self.bytes
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a backup's artefact says."""

    index: int = 1
    """The version of this form; the file begins with it, so that it is known for what it is."""
    copied_bytes: int
    """Content that was read out of the volume for this backup."""
    entries: Mapping[str, Entry]

    def write(self, path: Path) -> None:
        """As JSON."""
        with path.open("w") as out:
            json.dump(asdict(self), out)


def read(path: Path) -> Index:
    """ValueError if it is no whole index."""
    return TypeAdapter(Index).validate_json(path.read_bytes())


def listed(lines: str) -> dict[str, Entry]:
    """What the listing beside a volume printed."""
    return TypeAdapter(dict[str, Entry]).validate_json(lines)


def blob(folder: Path, name: str) -> Path:
    """Where a backup's folder has a blob."""
    return folder / BLOBS / name[:2] / name


def hashed(stream: IO[bytes]) -> str:
    """BLAKE3 of what is left of a stream."""
    hasher = blake3()
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


def is_whole(path: Path, name: str) -> bool:
    """Whether a blob is there and has the content that it is named for."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return hashed(stream) == name
