"""`none`: nobody restores anything. What comes back, comes back by itself."""

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
class NoProcedure(WithoutBackup):
    """The role's service is started as the compose file says, on whatever volume it then finds.

    It is the procedure of a team that has none, and shows what that costs.
    """

    NAME: ClassVar[str] = "none"
    NEEDS: ClassVar[str] = "nothing."
    CANNOT_SHOW: ClassVar[str] = "recovery: after `delete-volume` it brings up an empty server, and the run fails."

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """What `docker compose up` would do: make what is missing, empty, and start on it."""
        shop.engine.create_volume(shop.volume(role))
        if role != "uploads":
            shop.engine.start(shop.service(role))
        yield from ()


EXTENSION = NoProcedure
