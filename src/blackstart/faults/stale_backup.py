"""`stale-backup`: the sync of the backups stands still: a new manifest comes, and the dump beside it is an old one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.backups import Backup, digest
from blackstart.faults.newest_backup import OfABackup, changed
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleBackup(OfABackup):
    """The newest complete backup's artefact is the oldest one's, which can be read and restored without an error."""

    NAME: ClassVar[str] = "stale-backup"

    kind: Literal["stale-backup"] = "stale-backup"

    def prepare(self, shop: Shop) -> Backup:
        """The newest complete backup; RuntimeError if there is no older one of other bytes."""
        newest = OfABackup.prepare(self, shop)
        if digest(self._oldest(shop).artefact) == digest(newest.artefact):
            raise RuntimeError(f"there is no older backup of {self.role} that could be taken for the newest")
        return newest

    def inject(self, shop: Shop, prepared: Backup) -> None:
        """Copy the oldest one's over it."""
        shutil.copyfile(self._oldest(shop).artefact, prepared.artefact)

    def witness(self, shop: Shop, prepared: Backup) -> str | None:
        """Size and SHA-256, read anew, are not those that it was made with."""
        return changed(prepared)

    def _oldest(self, shop: Shop) -> Backup:
        return shop.backups.complete_backups(self.role)[0]


EXTENSION = StaleBackup
