"""`restart`: start the service again and let it recover from its own log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from blackstart.backups import Backup
from blackstart.evidence import Observation
from blackstart.procedures.base import WithoutBackup
from blackstart.shop import Shop
from blackstart.stack import Role


@dataclass(frozen=True, kw_only=True)
class Restart(WithoutBackup):
    """Crash recovery: PostgreSQL replays its WAL, Redis its append-only file."""

    NAME: ClassVar[str] = "restart"
    NEEDS: ClassVar[str] = "the volume, still there."
    CANNOT_SHOW: ClassVar[str] = "recovery from lost or damaged files."

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Start it; a restart policy may have been faster. Uploads are served by the app, behind the fence."""
        if role != "uploads":
            shop.engine.start(shop.service(role))
        yield from ()


EXTENSION = Restart
