"""What `pg_basebackup` says of the files that it has copied: its own list, with a checksum of itself."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

_NOT_LISTED = ("backup_manifest", "pg_wal/", "postgresql.auto.conf")
"""What a backup's own manifest does not vouch for (as pg_verifybackup has it)."""


def read(artefact: Path) -> tuple[Mapping[str, Any], dict[str, tuple[int, str]]]:
    """A base backup's own list, and size and SHA-256 of each file in the tar; ValueError if there is no sound list."""
    found, text = {}, b""
    with tarfile.open(artefact) as archive_file:
        for member in archive_file:
            content = archive_file.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            if member.name == "backup_manifest":
                text = content.read()
            else:
                found[member.name] = (
                    member.size,
                    hashlib.file_digest(cast("BufferedReader", content), "sha256").hexdigest(),
                )
    body, sign, rest = text.rpartition(b'"Manifest-Checksum"')
    if not sign or hashlib.sha256(body).hexdigest() not in rest.decode(errors="replace"):
        raise ValueError("the backup's own list of files is missing, cut or changed")
    listed: Mapping[str, Any] = json.loads(text)
    return listed, found


def begin(listed: Mapping[str, Any]) -> int:
    """The first byte of the log that a base backup needs."""
    return _lsn(listed["WAL-Ranges"][0]["Start-LSN"])


def end(listed: Mapping[str, Any]) -> int:
    """The last byte of the log that makes a base backup consistent."""
    return _lsn(listed["WAL-Ranges"][-1]["End-LSN"])


def _lsn(text: str) -> int:
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def differences(listed: Mapping[str, Any], found: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """What is otherwise than the list says."""
    wanted = {each["Path"]: (each["Size"], each.get("Checksum", "")) for each in listed["Files"]}
    vouched = {name: value for name, value in found.items() if not name.startswith(_NOT_LISTED)}
    yield from (f"{name} is missing" for name in sorted(wanted.keys() - found.keys()))
    yield from (f"{name} is on no list" for name in sorted(vouched.keys() - wanted.keys()))
    for name in sorted(wanted.keys() & vouched.keys()):
        if wanted[name] != vouched[name]:
            yield f"{name} is not what it was"
