"""`read-only-mount`: an `:ro` too many, or a file system that the kernel has mounted read-only after an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import EntersContainers
from blackstart.families import Family
from blackstart.faults.planted_inside import entered, refusal
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnlyMount(Fault):
    """The service is made anew with the volume mounted read-only: what is there can be read, and nothing written."""

    NAME: ClassVar[str] = "read-only-mount"
    FAMILY: ClassVar[Family] = "mounts"

    kind: Literal["read-only-mount"] = "read-only-mount"
    service: str
    volume: str

    @property
    def needs(self) -> type:
        """Making a service anew with other mounts, and writing where it writes."""
        return EntersContainers

    @property
    def target(self) -> str:
        """The mount."""
        return f"{self.volume} of {self.service}"

    def prepare(self, shop: Shop) -> None:
        """See that the service can write now; RuntimeError if not: then a refusal would prove nothing."""
        why = refusal(shop, self.service, self.volume)
        if why:
            raise RuntimeError(f"{self.service} cannot write to {self.volume} before the harm: {why}")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Mount it read-only."""
        engine = entered(shop)
        target = engine.target(self.service, self.volume)
        mount = {"type": "volume", "source": self.volume, "target": target, "read_only": True}
        engine.reconfigure(self.service, {"volumes": [mount]})

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A write in the service's own container is refused by the file system."""
        why = refusal(shop, self.service, self.volume)
        if "Read-only file system" not in why:
            return None
        return f"{self.service}: a file was written to {self.volume} before, and now: {why}"

    def heal(self, shop: Shop, prepared: None) -> None:
        """Mount it as the compose file says."""
        entered(shop).as_before(self.service)


EXTENSION = ReadOnlyMount
