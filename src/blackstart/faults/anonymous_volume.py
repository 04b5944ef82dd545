"""`anonymous-volume`: a volume that nobody gave a name: lost to the service when the stack goes down and up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.planted_inside import PlantedInside, entered
from blackstart.faults.set_up_wrongly import SetUpWrongly
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymousVolume(SetUpWrongly):
    """The service has a volume without a name from the start; a restart, even a new container, finds it again.

    Then the stack is taken down, without its volumes, and brought up: Docker gives the service a new volume. The
    old one lies somewhere under 64 hexadecimal digits, until somebody prunes.
    """

    NAME: ClassVar[str] = "anonymous-volume"
    FAMILY: ClassVar[Family] = "volumes"

    kind: Literal["anonymous-volume"] = "anonymous-volume"

    def change(self, target: str) -> Mapping[str, Any]:
        """A volume without a name."""
        return {"volumes": [{"type": "volume", "target": target}]}

    def inject(self, shop: Shop, prepared: PlantedInside) -> None:
        """Down and up."""
        engine = entered(shop)
        engine.down()
        for service in shop.plan.stack.services:
            engine.launch(service.name)


EXTENSION = AnonymousVolume
