"""`uploads-archive`: the uploads volume as one tar."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from blackstart.backups import Backup, Manifest
from blackstart.checks import parse, target_empty
from blackstart.clock import Clock
from blackstart.differences import file_differences
from blackstart.evidence import Observation
from blackstart.observe import files
from blackstart.procedures import archives
from blackstart.procedures.base import manifest_of, replace_volume
from blackstart.shop import Shop
from blackstart.stack import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsArchive:
    """No snapshot, and it needs none: files are immutable and appear whole, by rename."""

    NAME: ClassVar[str] = "uploads-archive"
    ROLES: ClassVar[tuple[Role, ...]] = ("uploads",)
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = True
    NEEDS: ClassVar[str] = "volumes streamed as tar; both engines do that."
    CANNOT_SHOW: ClassVar[str] = (
        "files that change in place; a shop that does that would need a snapshot of its file system. Restored alone, "
        "beside a database that went on, rows written after the archive began have lost their files: those uploads "
        "count as lost, and any other row without its file fails."
    )

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """The volume is streamed out; then each file in the tar is fingerprinted with BLAKE3.

        The shop writes a file under a hidden name, syncs it and renames it: hidden ones are in the making and do
        not count.
        """
        began = clock.now()
        artefact = folder / "artefact"
        with shop.engine.read_volume(shop.volume(role)) as tar, artefact.open("wb") as out:
            shutil.copyfileobj(tar, out, 1 << 20)
        with artefact.open("rb") as tar:
            content = files.fingerprint(tar)
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            started_s=began,
            snapshot_s=began,
            files=content,
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Every member can be read to its end and is what the manifest says, with mode, owner and link target.

        And the archive has its end blocks, since one that was cut behind a file reads like a whole one.
        """
        kind = parse.kind_of(backup.artefact)
        if kind != parse.TAR:
            yield parse.wrong_kind("uploads", wanted=parse.TAR, found=kind)
            return
        expected = backup.manifest.files or {}
        found, broken = archives.read(backup.artefact)
        yield parse.observed(
            "uploads",
            expected={"members": len(expected), "whole": True},
            actual={"members": len(found), "whole": not broken},
            differences=[*([broken] if broken else []), *file_differences(expected, found)],
        )

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume; the app that uses it starts when the fence is lifted."""
        replace_volume(shop, role)

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Unpacked into a new volume, proven empty, with modes, owners, links and empty folders.

        No member may leave the volume. The app starts on it when the fence is lifted.
        """
        assert backup is not None
        before = files.of_volume(shop.engine, shop.volume(role))
        yield target_empty.observed("uploads", before.keys() - {files.ROOT})
        with backup.artefact.open("rb") as tar:
            shop.engine.write_volume(shop.volume(role), tar)


EXTENSION = UploadsArchive
