"""`down-volumes`: `docker compose down -v` in the wrong terminal; every volume of the stack is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import TakesDown
from blackstart.families import Family
from blackstart.faults.planted import Planted, plant
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import STORES, Role, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class DownVolumes(Fault):
    """All containers, the network and all named volumes; a file planted on each store's volume is the witness.

    Backups live outside of the stack, as they must: one in a volume of the same stack would be gone too.
    """

    NAME: ClassVar[str] = "down-volumes"
    FAMILY: ClassVar[Family] = "volumes"

    kind: Literal["down-volumes"] = "down-volumes"

    @property
    def needs(self) -> type:
        """Taking the stack down, and looking into volumes afresh."""
        return TakesDown

    @property
    def target(self) -> str:
        """Everything."""
        return "all volumes"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """Every role that holds data."""
        return STORES

    def prepare(self, shop: Shop) -> tuple[Planted, ...]:
        """Plant a file on each store's volume."""
        engine = shop.engine
        assert isinstance(engine, TakesDown)
        return tuple(plant(engine, volume) for volume in dict.fromkeys(map(shop.volume, STORES)))

    def inject(self, shop: Shop, prepared: tuple[Planted, ...]) -> None:
        """Take it down."""
        engine = shop.engine
        assert isinstance(engine, TakesDown)
        engine.down_with_volumes()

    def witness(self, shop: Shop, prepared: tuple[Planted, ...]) -> str | None:
        """None of the planted files can be found by something started afresh."""
        engine = shop.engine
        assert isinstance(engine, TakesDown)
        if not all(planted.out_of_reach(engine) for planted in prepared):
            return None
        volumes = ", ".join(planted.volume for planted in prepared)
        return f"{volumes}: the files planted on each before are out of reach for what is started afresh"


EXTENSION = DownVolumes
