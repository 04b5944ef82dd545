"""`delete-volume`: a `down -v`, a prune, a mistyped `docker volume rm`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import DeletesVolumes
from blackstart.families import Family
from blackstart.faults.planted import Planted, plant
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVolume(Fault):
    """The volume and the containers that hold it are removed; a planted file is the witness."""

    NAME: ClassVar[str] = "delete-volume"
    FAMILY: ClassVar[Family] = "volumes"

    kind: Literal["delete-volume"] = "delete-volume"
    volume: str

    @property
    def needs(self) -> type:
        """Deleting volumes, and looking into them afresh."""
        return DeletesVolumes

    @property
    def target(self) -> str:
        """The volume."""
        return self.volume

    def prepare(self, shop: Shop) -> Planted:
        """Plant a file."""
        engine = shop.engine
        assert isinstance(engine, DeletesVolumes)
        return plant(engine, self.volume)

    def inject(self, shop: Shop, prepared: Planted) -> None:
        """Delete it."""
        engine = shop.engine
        assert isinstance(engine, DeletesVolumes)
        engine.delete_volume(self.volume)

    def witness(self, shop: Shop, prepared: Planted) -> str | None:
        """The planted file is gone for something started afresh."""
        engine = shop.engine
        assert isinstance(engine, DeletesVolumes)
        if not prepared.out_of_reach(engine):
            return None
        return f"{self.volume}: the file {prepared.name}, planted before, is out of reach for what is started afresh"


EXTENSION = DeleteVolume
