"""`incomplete-backup`: the machine went down while the last backup was being written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.backups import Backup
from blackstart.faults.newest_backup import OfABackup
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteBackup(OfABackup):
    """The newest backup is as one that was cut off in the making: half of its artefact, and no manifest.

    Manifests are renamed into place last, so no check has to find it: it counts as no backup, and the
    recovery goes back to the one before, and says so.
    """

    NAME: ClassVar[str] = "incomplete-backup"

    kind: Literal["incomplete-backup"] = "incomplete-backup"

    def inject(self, shop: Shop, prepared: Backup) -> None:
        """Take the manifest, and the artefact's second half."""
        (prepared.folder / "manifest.json").unlink()
        os.truncate(prepared.artefact, prepared.manifest.bytes // 2)

    def witness(self, shop: Shop, prepared: Backup) -> str | None:
        """The folder has an artefact, shorter than it was, and no manifest."""
        size = prepared.artefact.stat().st_size
        if (prepared.folder / "manifest.json").exists() or size >= prepared.manifest.bytes:
            return None
        return f"{prepared.manifest.id}: {size} of {prepared.manifest.bytes} bytes, and no manifest"


EXTENSION = IncompleteBackup
