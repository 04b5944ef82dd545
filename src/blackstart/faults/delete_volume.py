"""`delete-volume`: a `down -v`, a prune, a mistyped `docker volume rm`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import DeletesVolumes
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVolume(Fault):
    """The volume and the containers that hold it are removed.

    The witness is about bytes, not objects: a file planted before must be out of reach for a fresh
    container. Removing a volume that is a bind in disguise leaves every byte, and does not count.
    """

    NAME: ClassVar[str] = "delete-volume"

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

    def prepare(self, shop: Shop) -> tuple[str, bytes]:
        """Plant a file, and see that it can be found."""
        engine = shop.engine
        assert isinstance(engine, DeletesVolumes)
        name, content = f".blackstart-{secrets.token_hex(8)}", secrets.token_bytes(32)
        engine.plant(self.volume, name, content)
        if engine.find(self.volume, name) != content:
            raise RuntimeError(f"a file planted on {self.volume} cannot be read back")
        return name, content

    def inject(self, shop: Shop) -> None:
        """Delete it."""
        engine = shop.engine
        assert isinstance(engine, DeletesVolumes)
        engine.delete_volume(self.volume)

    def witness(self, shop: Shop, before: tuple[str, bytes]) -> str | None:
        """The planted file is gone for something started afresh."""
        engine = shop.engine
        assert isinstance(engine, DeletesVolumes)
        name, _ = before
        if engine.find(self.volume, name) is not None:
            return None
        return f"{self.volume}: the file {name}, planted before, is out of reach for a fresh container"


EXTENSION = DeleteVolume
