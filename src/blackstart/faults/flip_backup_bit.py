"""`flip-backup-bit`: a backup rots where it lies: one bit of it is another, and its size is the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.backups import Backup
from blackstart.faults.newest_backup import OfABackup, changed
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipBackupBit(OfABackup):
    """One bit of the newest complete backup's artefact is flipped, at a place that the run's seed draws."""

    NAME: ClassVar[str] = "flip-backup-bit"

    kind: Literal["flip-backup-bit"] = "flip-backup-bit"

    def inject(self, shop: Shop, prepared: Backup) -> None:
        """Flip it in place."""
        dice = random.Random(f"{shop.plan.seed}/{self.kind}")
        offset, bit = dice.randrange(prepared.manifest.bytes), 1 << dice.randrange(8)
        with prepared.artefact.open("r+b") as file:
            file.seek(offset)
            (byte,) = file.read(1)
            file.seek(offset)
            file.write(bytes([byte ^ bit]))

    def witness(self, shop: Shop, prepared: Backup) -> str | None:
        """SHA-256, read anew, is not the one that it was made with."""
        return changed(prepared)


EXTENSION = FlipBackupBit
