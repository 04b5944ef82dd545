"""What faults have in common by which a service gets another place than its volume."""

from __future__ import annotations

from dataclasses import dataclass

from blackstart.engines.base import LooksInside
from blackstart.faults.planted import Planted, plant
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is known before the harm."""

    planted: Planted
    table: str
    """One that customers had filled; empty where it is no database that begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misplaced(Fault):
    """The service is made anew on another place, and so is the app that depends on it; the volume lies untouched."""

    service: str
    volume: str

    @property
    def target(self) -> str:
        """What should be there."""
        return f"{self.volume} of {self.service}"

    def names(self, prepared: Prepared) -> str:
        """Whoever finds a database that began anew must name a table that customers had filled."""
        return prepared.table

    def prepare(self, shop: Shop) -> Prepared:
        """Plant a file on the volume."""
        stack = shop.plan.stack
        filled = next(name for name, change in stack.tables.items() if change == "insert-only")
        table = filled if "database" in self.strikes(stack) else ""
        return Prepared(planted=plant(_engine(shop), self.volume), table=table)

    def inject(self, shop: Shop, prepared: Prepared) -> None:
        """Give it the other place, and start the app again as `docker compose up` does."""
        self.misplace(shop)
        app = shop.service("app")
        if app != self.service:
            shop.engine.stop(app)
            shop.engine.launch(app)

    def misplace(self, shop: Shop) -> None:
        """Give the service another place."""
        raise NotImplementedError

    def witness(self, shop: Shop, prepared: Prepared) -> str | None:
        """A file that was planted on the volume before is not where the service has it."""
        name = prepared.planted.name
        if _engine(shop).inside(self.service, self.volume, name) is not None:
            return None
        return f"{self.service}: the file {name}, planted on {self.volume} before, is not where it should be"


def _engine(shop: Shop) -> LooksInside:
    engine = shop.engine
    assert isinstance(engine, LooksInside)
    return engine
