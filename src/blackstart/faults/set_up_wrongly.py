"""What faults have in common by which a service kept its data from the start where it could not stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blackstart.engines.containers import EntersContainers
from blackstart.faults.planted_inside import PlantedInside, entered, plant_inside
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpWrongly(Fault):
    """The stack comes up with the wrong place for the data, and works, until something harmless happens."""

    service: str
    volume: str

    @property
    def needs(self) -> type:
        """Making a service with other mounts, and a look at its files."""
        return EntersContainers

    @property
    def target(self) -> str:
        """What should hold the data."""
        return f"{self.volume} of {self.service}"

    def change(self, target: str) -> Mapping[str, Any]:
        """What is otherwise in the compose file; `target` is where it has the volume."""
        raise NotImplementedError

    def folder(self, target: str) -> str:
        """Where the service then keeps its data."""
        return target

    def arrange(self, shop: Shop) -> None:
        """Before the stack comes up."""
        engine = entered(shop)
        engine.set_up(self.service, self.change(engine.target(self.service, self.volume)))

    def prepare(self, shop: Shop) -> PlantedInside:
        """Plant a file among the data, as the service sees it."""
        return plant_inside(shop, self.service, self.folder(entered(shop).target(self.service, self.volume)))

    def witness(self, shop: Shop, prepared: PlantedInside) -> str | None:
        """The service runs, and does not see the file that was planted among its data."""
        if not prepared.gone(shop):
            return None
        return f"{self.service}: the file {prepared.path}, planted among its data before, is not there any more"

    def heal(self, shop: Shop, prepared: PlantedInside) -> None:
        """From its next start on the service has its named volume; what was lost stays lost."""
        entered(shop).as_before(self.service)
