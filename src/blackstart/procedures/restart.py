"""`restart`: start the service again and let it recover from its own log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from blackstart.backups import Backup, Manifest
from blackstart.clock import Clock
from blackstart.evidence import Observation
from blackstart.procedures.base import BackupFailed
from blackstart.shop import Shop
from blackstart.stack import STORES, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Crash recovery: PostgreSQL replays its WAL, Redis its append-only file."""

    NAME: ClassVar[str] = "restart"
    ROLES: ClassVar[tuple[Role, ...]] = STORES
    FROM_BACKUP: ClassVar[bool] = False

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """A restart needs no backup, so it makes none."""
        raise BackupFailed(f"{self.NAME} makes no backups")

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """There is nothing to look at."""
        yield from ()

    def provision(self, shop: Shop, role: Role) -> None:
        """The volume is still there."""

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Start it; a restart policy may have been faster. Uploads are served by the app, behind the fence."""
        if role != "uploads":
            shop.engine.start(shop.service(role))
        yield from ()


EXTENSION = Restart
