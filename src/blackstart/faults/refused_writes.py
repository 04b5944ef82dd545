"""What faults have in common by which a service can no longer write to its volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from blackstart.engines.containers import EntersContainers
from blackstart.families import Family
from blackstart.faults.planted_inside import refusal
from blackstart.scenario import Fault
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedWrites(Fault):
    """What is on the volume stays there, and nothing is added to it."""

    FAMILY: ClassVar[Family] = "mounts"
    SAYS: ClassVar[str]
    """The operating system's words for it."""

    service: str
    volume: str

    @property
    def needs(self) -> type:
        """Making a service anew, changing a volume's files, and writing as the service does."""
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

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A write in the service's own container, as its own user, is refused by the operating system's own word."""
        why = refusal(shop, self.service, self.volume)
        if self.SAYS not in why:
            return None
        return f"{self.service}: a file was written to {self.volume} before, and now: {why}"
