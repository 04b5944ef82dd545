"""`read-only-mount`: an `:ro` too many, or a file system that the kernel has mounted read-only after an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.faults.planted_inside import entered
from blackstart.faults.refused_writes import RefusedWrites
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnlyMount(RefusedWrites):
    """The service is made anew with the volume mounted read-only: what is there can be read, and nothing written."""

    NAME: ClassVar[str] = "read-only-mount"
    SAYS: ClassVar[str] = "Read-only file system"

    kind: Literal["read-only-mount"] = "read-only-mount"

    def inject(self, shop: Shop, prepared: None) -> None:
        """Mount it read-only."""
        engine = entered(shop)
        target = engine.target(self.service, self.volume)
        mount = {"type": "volume", "source": self.volume, "target": target, "read_only": True}
        engine.reconfigure(self.service, {"volumes": [mount]})

    def heal(self, shop: Shop, prepared: None) -> None:
        """Mount it as the compose file says."""
        entered(shop).as_before(self.service)


EXTENSION = ReadOnlyMount
