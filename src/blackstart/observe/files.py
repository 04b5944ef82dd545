"""Fingerprints of a volume's files, read from its tar stream."""

from __future__ import annotations

import tarfile
from pathlib import PurePosixPath
from typing import IO

from blake3 import blake3

from blackstart.evidence import FileFingerprint

_CHUNK = 1 << 20
HIDDEN = "."
"""Names that begin so are files in the making, or witnesses of our own: no data of the shop."""


def fingerprint(tar: IO[bytes]) -> dict[str, FileFingerprint]:
    """Path to size and BLAKE3 of every regular file in a tar stream."""
    found: dict[str, FileFingerprint] = {}
    with tarfile.open(fileobj=tar, mode="r|") as archive:
        for member in archive:
            path = member.name.removeprefix("./")
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None or PurePosixPath(path).name.startswith(HIDDEN):
                continue
            hasher, size = blake3(), 0
            while chunk := stream.read(_CHUNK):
                hasher.update(chunk)
                size += len(chunk)
            found[path] = FileFingerprint(bytes=size, blake3=hasher.hexdigest())
    return found
