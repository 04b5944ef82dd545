"""Backups whose files are not what they were: cut, flipped, of another kind; with the old manifest and a new one."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tarfile
from collections.abc import Callable, Sequence
from typing import Any

from blackstart.backups import Backup, digest
from blackstart.selftest.case import Case, Copy
from blackstart.stack import STORES, Role

Change = Callable[[bytes], bytes]
FILE: dict[Role, str] = {"database": "dump", "uploads": "archive", "cache": "RDB file"}


def written(backup: Backup, content: bytes, *, fitting: bool) -> None:
    """Another artefact; and if it is to fit, size and digest of it in the manifest."""
    backup.artefact.write_bytes(content)
    if fitting:
        size, sha256 = digest(backup.artefact)
        claimed(backup, bytes=size, sha256=sha256)


def claimed(backup: Backup, **facts: Any) -> None:
    """A manifest that says something else."""
    manifest = dataclasses.replace(backup.manifest, **facts)
    (backup.folder / "manifest.json").write_text(json.dumps(dataclasses.asdict(manifest)))


def _changed(role: Role, change: Change, *, fitting: bool) -> Callable[[Copy], None]:
    def plant(copy: Copy) -> None:
        backup = copy.backup(role)
        written(backup, change(backup.artefact.read_bytes()), fitting=fitting)

    return plant


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _short_of_its_last_rows(dump: bytes) -> bytes:
    """A quarter: a dump that was written to a file has its list once more behind its rows, where nobody reads it."""
    return dump[: len(dump) * 3 // 4]


def _short_of_its_last_file(archive: bytes) -> bytes:
    """Behind its end a tar has blocks of zeros, which nobody misses."""
    return archive.rstrip(b"\0")[:-1]


def _short_of_a_byte(content: bytes) -> bytes:
    return content[:-1]


_READ: dict[Role, str] = {
    "database": "database: the dump cannot be read to its end",
    "uploads": "uploads: the archive cannot be read to its end",
    "cache": "cache: the file has no end mark before its checksum",
}
"""What a cut artefact is called by those who read it."""
_ENDS: dict[Role, tuple[str, Change]] = {
    "database": ("by its last rows", _short_of_its_last_rows),
    "uploads": ("in its last file", _short_of_its_last_file),
    "cache": ("by its last byte", _short_of_a_byte),
}


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _flipped_picture(archive: bytes) -> bytes:
    """Within a file: behind its end a tar has bytes that nobody reads."""
    within = archive.index(b"\x89PNG", len(archive) // 2) + 100
    return archive[:within] + bytes([archive[within] ^ 1]) + archive[within + 1 :]


def _without_end_blocks(content: bytes) -> bytes:
    """Cut behind the last member: a reader notices nothing."""
    return content.rstrip(b"\0") + bytes(-len(content.rstrip(b"\0")) % tarfile.BLOCKSIZE)


def _instead(role: Role, other: Role) -> Callable[[Copy], None]:
    """Another role's artefact under this role's manifest."""

    def plant(copy: Copy) -> None:
        written(copy.backup(role), copy.backup(other).artefact.read_bytes(), fitting=True)

    return plant


def _newest_is_incomplete(copy: Copy) -> None:
    """The schedule died while it made another one: it has an artefact, and no manifest."""
    for role in STORES:
        folder = copy.backup(role).folder
        newer = folder.with_name(f"{folder.name}-newer")
        newer.mkdir()
        shutil.copy(folder / "artefact", newer / "artefact")
        (newer / "manifest.partial").write_text("{")


def _read_only(copy: Copy) -> None:
    for role in STORES:
        folder = copy.backup(role).folder
        for path in (folder / "artefact", folder / "manifest.json"):
            path.chmod(0o444)


def _beside(copy: Copy) -> None:
    """What procedures leave beside their artefacts, and an older backup that was given up."""
    folder = copy.backup("database").folder
    (folder / "listing").write_text("of another time")
    (folder.parent / "database-abandoned").mkdir()


def _untouched(copy: Copy) -> None:
    copy.backups()


_CUT: Sequence[Case] = tuple(
    case
    for role in STORES
    for how, change in (("in the middle", _half), _ENDS[role])
    for case in (
        Case(
            what=f"the {FILE[role]} is cut {how}",
            plant=_changed(role, change, fitting=False),
            found_by="artefact",
            names=f"{role}: bytes of the backup {role}-healthy",
        ),
        Case(
            what=f"the {FILE[role]} is cut {how}, and its manifest fits",
            plant=_changed(role, change, fitting=True),
            found_by="parse",
            names=_READ[role],
        ),
    )
)
_BYTES: Sequence[Case] = (
    *(
        Case(
            what=f"one bit of the {FILE[role]} flipped",
            plant=_changed(role, _flipped, fitting=False),
            found_by="artefact",
            names=f"{role}: sha256 of the backup {role}-healthy",
            alone=True,
        )
        for role in STORES
    ),
    Case(
        what="one bit of the archive flipped, and its manifest fits",
        plant=_changed("uploads", _flipped_picture, fitting=True),
        found_by="parse",
        names="uploads: changed: products/",
        alone=True,
    ),
    Case(
        what="one bit of the RDB file flipped, and its manifest fits",
        plant=_changed("cache", _flipped, fitting=True),
        found_by="parse",
        names="cache: the file's checksum is",
        alone=True,
    ),
    Case(
        what="the archive is cut behind its last file, and its manifest fits",
        plant=_changed("uploads", _without_end_blocks, fitting=True),
        found_by="parse",
        names="uploads: the archive has no end blocks",
        alone=True,
    ),
    Case(
        what="the right size, and other bytes",
        plant=_changed("database", lambda content: content[:100] + bytes(len(content) - 100), fitting=False),
        found_by="artefact",
        names="database: sha256 of the backup database-healthy",
        alone=True,
    ),
    Case(
        what="the dump is empty, and its manifest fits",
        plant=_changed("database", lambda _: b"", fitting=True),
        found_by="parse",
        names="database: the artefact is empty, not a custom dump",
        alone=True,
    ),
    Case(
        what="the dump is gone",
        plant=lambda copy: copy.backup("database").artefact.unlink(),
        found_by="artefact",
        names="→ no file",
    ),
    Case(
        what="a tar in the place of the dump",
        plant=_instead("database", "uploads"),
        found_by="parse",
        names="database: the artefact is a tar, not a custom dump",
        alone=True,
    ),
    Case(
        what="a dump in the place of the archive",
        plant=_instead("uploads", "database"),
        found_by="parse",
        names="uploads: the artefact is a custom dump, not a tar",
        alone=True,
    ),
    Case(
        what="a dump in the place of the RDB file",
        plant=_instead("cache", "database"),
        found_by="parse",
        names="cache: the artefact is a custom dump, not an RDB file",
        alone=True,
    ),
)


_HEALTHY: Sequence[Case] = (
    Case(
        what="a newer backup is not complete, and is passed over",
        plant=_newest_is_incomplete,
        names="database-healthy-newer",
    ),
    Case(what="backups that are read-only", plant=_read_only),
    Case(what="files beside an artefact, and a backup that was given up long ago", plant=_beside),
    Case(what="copies of the backups, as they were", plant=_untouched),
)
CASES = (*_CUT, *_BYTES, *_HEALTHY)
