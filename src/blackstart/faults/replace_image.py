"""`replace-image`: a release: the service's container is made again from a newer image while customers buy."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import ReplacesImages
from blackstart.errors import NotConducted
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop

PATH = "/blackstart-newer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The images."""

    newer: str
    text: str
    """What the newer one holds in a file of its own."""
    older_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceImage(Fault):
    """A newer image, made beforehand from the one that runs, takes its place; volumes stay.

    It is not taken back: the newer one is what runs from then on. What is measured is the downtime, and that
    nothing was lost.
    """

    NAME: ClassVar[str] = "replace-image"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["replace-image"] = "replace-image"
    service: str

    @property
    def needs(self) -> type:
        """Images."""
        return ReplacesImages

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> Prepared:
        """Make the newer image."""
        text = secrets.token_hex(16)
        newer = _engine(shop).newer_image(self.service, PATH, text)
        return Prepared(newer=newer, text=text, older_id=_engine(shop).image_of(self.service))

    def inject(self, shop: Shop, prepared: Prepared) -> None:
        """Make the service anew from it."""
        _engine(shop).reconfigure(self.service, {"image": prepared.newer})

    def witness(self, shop: Shop, prepared: Prepared) -> str | None:
        """The running container has another image, and holds the file that only the newer one has."""
        with contextlib.suppress(NotConducted):
            now, text = _engine(shop).image_of(self.service), _engine(shop).read_inside(self.service, PATH)
            if now != prepared.older_id and text == prepared.text:
                return f"{self.service}: its image was {prepared.older_id[:19]}, and is {now[:19]} with a file {PATH}"
        return None


def _engine(shop: Shop) -> ReplacesImages:
    engine = shop.engine
    assert isinstance(engine, ReplacesImages)
    return engine


EXTENSION = ReplaceImage
