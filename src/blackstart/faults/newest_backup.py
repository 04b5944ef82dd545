"""What faults of backups have in common: they spoil the newest complete backup of a role, and harm nobody yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from blackstart.backups import Backup, digest
from blackstart.engines.base import Lifecycle
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class OfABackup(Fault):
    """A fault of the newest complete backup of one role."""

    FAMILY: ClassVar[Family] = "backups"

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
        """Whoever finds it must name the backup."""
        return prepared.manifest.id

    def prepare(self, shop: Shop) -> Backup:
        """The newest complete backup; RuntimeError if there is none."""
        made = shop.backups.complete_backups(self.role)
        if not made:
            raise RuntimeError(f"there is no complete backup of {self.role} to be spoilt")
        return made[-1]


def changed(prepared: Backup) -> str | None:
    """What the artefact is now, read anew, beside what it was made as; None if that is the same."""
    size, sha256 = digest(prepared.artefact)
    if sha256 == prepared.manifest.sha256:
        return None
    was = f"made with {prepared.manifest.bytes} bytes, sha256 {prepared.manifest.sha256[:12]}…"
    return f"{prepared.manifest.id}: {size} bytes, sha256 {sha256[:12]}…; {was}"
