"""`wrong-bind-path`: a typo in a path: Docker makes an empty folder, and the service starts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import BindsElsewhere
from blackstart.families import Family
from blackstart.faults.misplaced import Misplaced, Prepared
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongBindPath(Misplaced):
    """The service is made anew on a folder that was not there, and so is the app that depends on it.

    A database initialises afresh. With a shop that makes its tables when it starts everything looks healthy.
    The old volume lies untouched beside it.
    """

    NAME: ClassVar[str] = "wrong-bind-path"
    FAMILY: ClassVar[Family] = "mounts"

    kind: Literal["wrong-bind-path"] = "wrong-bind-path"

    @property
    def needs(self) -> type:
        """Giving a service another folder."""
        return BindsElsewhere

    def misplace(self, shop: Shop) -> None:
        """A folder that nobody has made."""
        _engine(shop).bind_elsewhere(self.service, self.volume)

    def heal(self, shop: Shop, prepared: Prepared) -> None:
        """The right path."""
        _engine(shop).bind_back(self.service, self.volume)


def _engine(shop: Shop) -> BindsElsewhere:
    engine = shop.engine
    assert isinstance(engine, BindsElsewhere)
    return engine


EXTENSION = WrongBindPath
