"""`container-layer`: the data lies in the container itself, beside the volume: lost with the container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.planted_inside import PlantedInside, entered
from blackstart.faults.set_up_wrongly import SetUpWrongly
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLayer(SetUpWrongly):
    """The database's data folder is below /srv from the start, where nothing is mounted; everything works.

    Then the container is removed and made again, as every update of its image does.
    """

    NAME: ClassVar[str] = "container-layer"
    FAMILY: ClassVar[Family] = "volumes"

    kind: Literal["container-layer"] = "container-layer"
    service: Literal["database"] = "database"
    """The one service whose data folder is a variable."""
    volume: Literal["postgres_data"] = "postgres_data"

    def change(self, target: str) -> Mapping[str, Any]:
        """PGDATA elsewhere."""
        return {"environment": {"PGDATA": self.folder(target)}}

    def folder(self, target: str) -> str:
        """Not on the volume."""
        return "/srv/pgdata"

    def inject(self, shop: Shop, prepared: PlantedInside) -> None:
        """Remove the container, and make it again."""
        entered(shop).discard(self.service)
        shop.engine.launch(self.service)


EXTENSION = ContainerLayer
