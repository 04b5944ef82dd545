"""Fingerprints of a volume's files, read in place or from a tar stream."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from blake3 import blake3

from blackstart.engines.base import Volumes
from blackstart.evidence import FileFingerprint

HIDDEN = "."
"""Names that begin so are files in the making, or witnesses of our own: no data of the shop."""

# Small enough to stay in the processor's cache between reading and hashing.
_BUFFER = 1 << 17


def of_volume(engine: Volumes, volume: str) -> dict[str, FileFingerprint]:
    """Path to size and BLAKE3 of every regular file in a volume, read the fastest way that the engine has."""
    folder = engine.folder_of(volume)
    if folder is not None:
        return of_folder(folder)
    with engine.read_volume(volume) as tar:
        return fingerprint(tar)


def of_folder(folder: Path) -> dict[str, FileFingerprint]:
    """The same of a folder; files that go while it is read are passed over.

    By one thread: for each file the interpreter is let go of some five times, for microseconds, and two
    threads lose more by waiting for it than they gain (measured on 20,000 files of 40 kB on average).
    """
    buffer = bytearray(_BUFFER)
    seen = {path: _hashed(f"{folder}/{path}", buffer) for path in sorted(_regular(str(folder), ""))}
    return {path: found for path, found in seen.items() if found is not None}


def fingerprint(tar: IO[bytes]) -> dict[str, FileFingerprint]:
    """The same of a tar stream."""
    found: dict[str, FileFingerprint] = {}
    with tarfile.open(fileobj=tar, mode="r|", bufsize=_BUFFER) as archive:
        for member in archive:
            path = member.name.removeprefix("./")
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None or PurePosixPath(path).name.startswith(HIDDEN):
                continue
            hasher = blake3()
            while chunk := stream.read(_BUFFER):
                hasher.update(chunk)
            found[path] = FileFingerprint(bytes=member.size, blake3=hasher.hexdigest())
    return found


def _regular(folder: str, inside: str) -> Iterator[str]:
    """Paths of the regular files below a folder, relative to it."""
    try:
        entries = list(os.scandir(f"{folder}/{inside}"))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _regular(folder, f"{inside}{entry.name}/")
        elif entry.is_file(follow_symlinks=False) and not entry.name.startswith(HIDDEN):
            yield inside + entry.name


def _hashed(path: str, buffer: bytearray) -> FileFingerprint | None:
    """A file's fingerprint; None if there is no such file any more."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    hasher, size = blake3(), 0
    try:
        while count := os.readv(descriptor, (buffer,)):
            hasher.update(memoryview(buffer)[:count])
            size += count
    finally:
        os.close(descriptor)
    return FileFingerprint(bytes=size, blake3=hasher.hexdigest())
