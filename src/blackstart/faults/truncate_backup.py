"""`truncate-backup`: the disk of the backups was full, or a copy of a backup broke off."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.backups import Backup
from blackstart.faults.newest_backup import OfABackup, changed
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateBackup(OfABackup):
    """The newest complete backup's artefact loses its second half, after its manifest was written.

    Nobody is harmed until it is needed: another fault must come after it.
    """

    NAME: ClassVar[str] = "truncate-backup"

    kind: Literal["truncate-backup"] = "truncate-backup"

    def inject(self, shop: Shop, prepared: Backup) -> None:
        """Cut it in the middle."""
        os.truncate(prepared.artefact, prepared.manifest.bytes // 2)

    def witness(self, shop: Shop, prepared: Backup) -> str | None:
        """Size and SHA-256, read anew, are not those that it was made with."""
        return changed(prepared)


EXTENSION = TruncateBackup
