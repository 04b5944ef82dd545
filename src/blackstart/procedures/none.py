"""`none`: nobody restores anything. What comes back, comes back by itself."""

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
class NoProcedure:
    """The role's service is started as the compose file says, on whatever volume it then finds."""

    NAME: ClassVar[str] = "none"
    ROLES: ClassVar[tuple[Role, ...]] = STORES
    FROM_BACKUP: ClassVar[bool] = False

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """There is nothing to write."""
        raise BackupFailed(f"{self.NAME} makes no backups")

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """There is nothing to look at."""
        yield from ()

    def provision(self, shop: Shop, role: Role) -> None:
        """Nothing is prepared."""

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """What `docker compose up` would do: make what is missing, empty, and start on it."""
        shop.engine.create_volume(shop.volume(role))
        if role != "uploads":
            shop.engine.start(shop.service(role))
        yield from ()


EXTENSION = NoProcedure
