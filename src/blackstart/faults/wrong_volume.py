"""`wrong-volume`: a renamed project, `postgres-data` for `postgres_data`: Docker makes another, empty volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import Reconfigures
from blackstart.families import Family
from blackstart.faults.misplaced import Misplaced, Prepared
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongVolume(Misplaced):
    """The service is made anew on a volume of another name, which is empty, and so is the app that depends on it.

    A database initialises afresh. With a shop that makes its tables when it starts everything looks healthy.
    The old volume lies untouched beside it.
    """

    NAME: ClassVar[str] = "wrong-volume"
    FAMILY: ClassVar[Family] = "mounts"

    kind: Literal["wrong-volume"] = "wrong-volume"

    @property
    def needs(self) -> type:
        """Making a service anew with other mounts."""
        return Reconfigures

    def misplace(self, shop: Shop) -> None:
        """A hyphen where an underscore was, or the other way round."""
        engine = _engine(shop)
        other = self.volume.translate(str.maketrans("_-", "-_"))
        name = other if other != self.volume else f"{self.volume}-data"
        mount = {"type": "volume", "source": name, "target": engine.target(self.service, self.volume)}
        engine.reconfigure(self.service, {"volumes": [mount]})

    def heal(self, shop: Shop, prepared: Prepared) -> None:
        """The right name."""
        _engine(shop).as_before(self.service)


def _engine(shop: Shop) -> Reconfigures:
    engine = shop.engine
    assert isinstance(engine, Reconfigures)
    return engine


EXTENSION = WrongVolume
