"""`recreate-container`: a `docker rm -f` and an `up`, a drained node: another container, the same volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import EntersContainers
from blackstart.families import Family
from blackstart.faults.planted_inside import PlantedInside, entered, plant_inside
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class RecreateContainer(Fault):
    """The container is removed while it runs, which kills its processes, and made again on the same named volumes.

    What lay in the container itself is gone with it; what lay on a volume is not.
    """

    NAME: ClassVar[str] = "recreate-container"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["recreate-container"] = "recreate-container"
    service: str

    @property
    def needs(self) -> type:
        """Containers, and a look at their own files."""
        return EntersContainers

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> PlantedInside:
        """Plant a file in the container's own layer."""
        return plant_inside(shop, self.service, "/")

    def inject(self, shop: Shop, prepared: PlantedInside) -> None:
        """Remove it, and make it again."""
        entered(shop).discard(self.service)
        shop.engine.launch(self.service)

    def witness(self, shop: Shop, prepared: PlantedInside) -> str | None:
        """The service runs, and the file that was planted in its container is not there."""
        if not prepared.gone(shop):
            return None
        return f"{self.service}: the file {prepared.path}, planted in its container before, is not in the one that runs"


EXTENSION = RecreateContainer
