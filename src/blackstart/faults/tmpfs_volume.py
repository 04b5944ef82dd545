"""`tmpfs-volume`: memory where disk was meant: fast, and empty after the next restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.planted_inside import PlantedInside
from blackstart.faults.set_up_wrongly import SetUpWrongly
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class TmpfsVolume(SetUpWrongly):
    """The service has a tmpfs from the start, as a test setup has that went into production.

    Then it is stopped and started in the orderly way.
    """

    NAME: ClassVar[str] = "tmpfs-volume"
    FAMILY: ClassVar[Family] = "volumes"

    kind: Literal["tmpfs-volume"] = "tmpfs-volume"

    def change(self, target: str) -> Mapping[str, Any]:
        """A file system in memory."""
        return {"volumes": [{"type": "tmpfs", "target": target}]}

    def inject(self, shop: Shop, prepared: PlantedInside) -> None:
        """Stop and start."""
        shop.engine.stop(self.service)
        shop.engine.launch(self.service)


EXTENSION = TmpfsVolume
