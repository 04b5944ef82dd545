"""`wrong-bind-path`: a typo in a path: Docker makes an empty folder, and the service starts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import BindsElsewhere
from blackstart.faults.base import Family
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
class WrongBindPath(Fault):
    """The service is made anew on a folder that was not there, and so is the shop that depends on it.

    A database initialises afresh. With a shop that makes its tables when it starts everything looks healthy.
    The old volume lies untouched beside it.
    """

    NAME: ClassVar[str] = "wrong-bind-path"
    FAMILY: ClassVar[Family] = "mounts"

    kind: Literal["wrong-bind-path"] = "wrong-bind-path"
    service: str
    volume: str

    @property
    def needs(self) -> type:
        """Giving a service another folder."""
        return BindsElsewhere

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
        """Give it another folder, and start the app again as `docker compose up` does."""
        _engine(shop).bind_elsewhere(self.service, self.volume)
        app = shop.service("app")
        if app != self.service:
            shop.engine.stop(app)
            shop.engine.launch(app)

    def witness(self, shop: Shop, prepared: Prepared) -> str | None:
        """The planted file is out of the service's reach."""
        name = prepared.planted.name
        if _engine(shop).inside(self.service, self.volume, name) is not None:
            return None
        return f"{self.service}: the file {name}, planted on {self.volume} before, is not where it should be"

    def heal(self, shop: Shop, prepared: Prepared) -> None:
        """The right path."""
        _engine(shop).bind_back(self.service, self.volume)


def _engine(shop: Shop) -> BindsElsewhere:
    engine = shop.engine
    assert isinstance(engine, BindsElsewhere)
    return engine


EXTENSION = WrongBindPath
