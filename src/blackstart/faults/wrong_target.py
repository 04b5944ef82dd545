"""`wrong-target`: a new image keeps its data at another path: the volume is mounted where nobody writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import Reconfigures
from blackstart.families import Family
from blackstart.faults.misplaced import Misplaced, Prepared
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTarget(Misplaced):
    """The service is made anew with the volume at another path, as PostgreSQL 18 moved its own.

    Where it writes, Docker gives it an anonymous volume: everything works, until the container is made again.
    The old volume lies untouched, at the wrong place.
    """

    NAME: ClassVar[str] = "wrong-target"
    FAMILY: ClassVar[Family] = "mounts"

    kind: Literal["wrong-target"] = "wrong-target"

    @property
    def needs(self) -> type:
        """Making a service anew with other mounts."""
        return Reconfigures

    def misplace(self, shop: Shop) -> None:
        """The volume below /mnt, and an anonymous one where the service writes."""
        engine = _engine(shop)
        named = {"type": "volume", "source": self.volume, "target": f"/mnt/{self.volume}"}
        anonymous = {"type": "volume", "target": engine.target(self.service, self.volume)}
        engine.reconfigure(self.service, {"volumes": [named, anonymous]})

    def heal(self, shop: Shop, prepared: Prepared) -> None:
        """The right path."""
        _engine(shop).as_before(self.service)


def _engine(shop: Shop) -> Reconfigures:
    engine = shop.engine
    assert isinstance(engine, Reconfigures)
    return engine


EXTENSION = WrongTarget
