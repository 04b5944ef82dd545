"""`uploads-mirror`: the uploads volume file by file, of which only what is new is copied."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, ClassVar

from blake3 import blake3

from blackstart.backups import BLOBS, Backup, Manifest
from blackstart.checks import parse, target_empty
from blackstart.clock import Clock
from blackstart.differences import file_differences
from blackstart.engines.base import RunsOnVolumes
from blackstart.evidence import Observation
from blackstart.observe import files
from blackstart.procedures import mirror_index as mirror
from blackstart.procedures.base import BackupFailed, manifest_of, replace_volume
from blackstart.procedures.mirror_index import Entry, Index
from blackstart.shop import Shop
from blackstart.stack import Role

MOST_NAMED = 500
"""So many new files are read by name; of more, the volume is read as a whole, since a command line has an end."""
_CHUNK = 1 << 20

# SHA-256, since it is all that every Python has; sockets and hidden names are passed over, as in a fingerprint.
_LISTS = """
import hashlib, json, os, stat, sys
found = {}
def look(path):
    full = os.path.join(sys.argv[1], path)
    held = os.lstat(full)
    seen = dict(mode=held.st_mode & 0o7777, uid=held.st_uid, gid=held.st_gid, mtime=held.st_mtime)
    if stat.S_ISLNK(held.st_mode):
        seen.update(kind="link", target=os.readlink(full))
    elif stat.S_ISDIR(held.st_mode):
        seen.update(kind="folder")
    elif stat.S_ISREG(held.st_mode):
        hasher, size = hashlib.sha256(), 0
        with open(full, "rb") as stream:
            while chunk := stream.read(1 << 20):
                hasher.update(chunk)
                size += len(chunk)
        seen.update(kind="file", bytes=size, sha256=hasher.hexdigest())
    elif stat.S_ISSOCK(held.st_mode):
        return
    else:
        sys.exit(path + " is no file, folder or link")
    found[path] = seen
    if stat.S_ISDIR(held.st_mode):
        for name in sorted(os.listdir(full)):
            if not name.startswith("."):
                try:
                    look(name if path == "." else path + "/" + name)
                except FileNotFoundError:
                    pass
look(".")
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsMirror:
    """Each content is kept once, as a blob that is named by its BLAKE3, however many backups have it.

    A backup is an index of paths and the blobs that it needs: those that the backup before has are shared with it by
    hard links, so whatever backups are dropped, the others keep all of theirs, and what none needs is gone.
    """

    NAME: ClassVar[str] = "uploads-mirror"
    ROLES: ClassVar[tuple[Role, ...]] = ("uploads",)
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = True
    NEEDS: ClassVar[str] = "Python beside the volume, to hash files in place, and hard links where backups are kept."
    CANNOT_SHOW: ClassVar[str] = (
        "more safety than one copy gives: a blob that rots is rotten in every backup that shares it, until the next "
        "backup copies it anew; only a second place has its own. Files that change while they are read fail the "
        "backup, and so do pipes and devices."
    )

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """Every file is hashed beside the volume, each time: its time and size are not trusted.

        Only contents that the newest complete backup lacks are streamed out. A blob of that backup is hashed before
        it is shared, and one that has rotted is copied anew.
        """
        began = clock.now()
        engine = shop.engine
        if not isinstance(engine, RunsOnVolumes):
            raise BackupFailed(f"{self.NAME}: the engine runs nothing on a volume")
        seen = mirror.listed(engine.on_volume(shop.volume(role), _LISTS))
        known = _shared(folder)
        wanted = {path: e for path, e in seen.items() if e.kind == "file" and e.sha256 not in known}
        copied = _copied(shop, role, folder, wanted, known)
        entries = {path: replace(e, blake3=known[e.sha256]) if e.kind == "file" else e for path, e in seen.items()}
        Index(copied_bytes=copied, entries=entries).write(folder / "artefact")
        _drop_unneeded(folder, {e.blake3 for e in entries.values()})
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            started_s=began,
            snapshot_s=began,
            blobs=len({entry.blake3 for entry in entries.values() if entry.blake3}),
            files={path: entry.fingerprint() for path, entry in entries.items()},
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """The index is whole and lists what the manifest does; every blob is there and has the hash it is named by."""
        kind = parse.kind_of(backup.artefact)
        if kind != parse.INDEX:
            yield parse.wrong_kind("uploads", wanted=parse.INDEX, found=kind)
            return
        expected = backup.manifest.files or {}
        try:
            entries = mirror.read(backup.artefact).entries
        except ValueError:
            entries, wrong = {}, ["the index cannot be read to its end"]
        else:
            wrong = [
                f"{path}: its blob {entry.blake3[:12]} is {'rotten' if held.is_file() else 'missing'}"
                for path, entry in sorted(entries.items())
                if entry.kind == "file"
                for held in [mirror.blob(backup.folder, entry.blake3)]
                if not mirror.is_whole(held, entry.blake3)
            ]
        found = {path: entry.fingerprint() for path, entry in entries.items()}
        yield parse.observed(
            "uploads",
            expected={"members": len(expected), "whole": True},
            actual={"members": len(found), "whole": not wrong},
            differences=[*wrong, *file_differences(expected, found)],
        )

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume; the app that uses it starts when the fence is lifted."""
        replace_volume(shop, role)

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Put together from index and blobs in a new volume, proven empty, with modes, owners, links and folders."""
        assert backup is not None
        before = files.of_volume(shop.engine, shop.volume(role))
        yield target_empty.observed("uploads", before.keys() - {files.ROOT})
        with tempfile.TemporaryFile(dir=backup.folder) as tar:
            with tarfile.open(fileobj=tar, mode="w") as archive:
                for path, entry in sorted(mirror.read(backup.artefact).entries.items()):
                    _add(archive, path, entry, backup.folder)
            tar.seek(0)
            shop.engine.write_volume(shop.volume(role), tar)


def _shared(folder: Path) -> dict[str, str]:
    """SHA-256 to BLAKE3 of the contents that the newest complete backup has whole; they are now in this one too."""
    complete = sorted(folder.parent.glob("*/manifest.json"), key=lambda path: path.stat().st_mtime_ns)
    if not complete:
        return {}
    before, known = complete[-1].parent, {}
    try:
        entries = mirror.read(before / "artefact").entries
    except (OSError, ValueError):
        return {}  # somebody spoilt it: all is copied anew
    for entry in entries.values():
        if entry.kind == "file" and mirror.is_whole(mirror.blob(before, entry.blake3), entry.blake3):
            held = mirror.blob(folder, entry.blake3)
            held.parent.mkdir(parents=True, exist_ok=True)
            if not held.exists():
                os.link(mirror.blob(before, entry.blake3), held)
            known[entry.sha256] = entry.blake3
    return known


def _copied(shop: Shop, role: Role, folder: Path, wanted: Mapping[str, Entry], known: dict[str, str]) -> int:
    """Stream new contents into blobs, and add them to what is known; returns their bytes."""
    if not wanted:
        return 0
    total = 0
    named = sorted(wanted) if len(wanted) <= MOST_NAMED else []
    with (
        shop.engine.read_volume(shop.volume(role), *named) as tar,
        tarfile.open(fileobj=tar, mode="r|") as archive,
    ):
        for member in archive:
            entry = wanted.get(member.name.removeprefix("./"))
            stream = archive.extractfile(member) if entry is not None and member.isreg() else None
            if stream is not None:
                sha256, name = _keep(stream, folder)
                known[sha256] = name
                total += member.size
    changed = [path for path, entry in wanted.items() if entry.sha256 not in known]
    if changed:
        raise BackupFailed(f"{changed[0]} changed or went while it was read")
    return total


def _keep(stream: IO[bytes], folder: Path) -> tuple[str, str]:
    """Write a content as a blob; returns its SHA-256 and its BLAKE3."""
    sha256, name = hashlib.sha256(), blake3()
    partial = folder / BLOBS / "partial"
    partial.parent.mkdir(exist_ok=True)
    with partial.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
            name.update(chunk)
            out.write(chunk)
    held = mirror.blob(folder, name.hexdigest())
    held.parent.mkdir(exist_ok=True)
    partial.rename(held)
    return sha256.hexdigest(), name.hexdigest()


def _drop_unneeded(folder: Path, needed: set[str]) -> None:
    """What the backup before had and this one does not: as soon as no backup links to it, it is gone."""
    for held in (folder / BLOBS).glob("*/*"):
        if held.name not in needed:
            held.unlink()


def _add(archive: tarfile.TarFile, path: str, entry: Entry, folder: Path) -> None:
    if entry.kind == "file":
        with mirror.blob(folder, entry.blake3).open("rb") as content:
            archive.addfile(entry.member(path), content)
    else:
        archive.addfile(entry.member(path))


EXTENSION = UploadsMirror
