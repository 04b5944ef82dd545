"""`truncate-backup`: the disk of the backups was full, or a copy of a backup was cut off."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.backups import Backup, digest
from blackstart.engines.base import Lifecycle
from blackstart.faults.base import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateBackup(Fault):
    """The newest complete backup's artefact loses its end, after its manifest was written.

    Nobody is harmed until it is needed: another fault must come after it.
    """

    NAME: ClassVar[str] = "truncate-backup"
    FAMILY: ClassVar[Family] = "backups"

    kind: Literal["truncate-backup"] = "truncate-backup"
    role: Role = "database"

    @property
    def needs(self) -> type:
        """Nothing of the engine: backups lie outside of the stack."""
        return Lifecycle

    @property
    def target(self) -> str:
        """Whose backup."""
        return f"the newest backup of {self.role}"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """No role of the shop itself."""
        return ()

    def names(self, prepared: Backup) -> str:
        """Whoever finds it must name the role."""
        return self.role

    def prepare(self, shop: Shop) -> Backup:
        """The newest complete backup; RuntimeError if there is none."""
        made = shop.backups.complete_backups(self.role)
        if not made:
            raise RuntimeError(f"there is no complete backup of {self.role} to be spoilt")
        return made[-1]

    def inject(self, shop: Shop, prepared: Backup) -> None:
        """Cut it in the middle."""
        os.truncate(prepared.artefact, prepared.manifest.bytes // 2)

    def witness(self, shop: Shop, prepared: Backup) -> str | None:
        """Size and SHA-256, read anew, are not those that the manifest was written with."""
        size, sha256 = digest(prepared.artefact)
        if sha256 == prepared.manifest.sha256:
            return None
        return f"{prepared.manifest.id}: {size} bytes, sha256 {sha256[:12]}…; made with {prepared.manifest.bytes}"


EXTENSION = TruncateBackup
