"""`pause`: a service hangs: its port is open, and nobody answers."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import Pauses
from blackstart.engines.readiness import serves
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop

CONNECT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Fault):
    """All processes of the service are frozen, as by a hanging disk or a stopped virtual machine.

    The kernel goes on accepting connections for them, so clients wait where a crash would refuse them.
    """

    NAME: ClassVar[str] = "pause"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["pause"] = "pause"
    service: str

    @property
    def needs(self) -> type:
        """Freezing processes."""
        return Pauses

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> None:
        """See that it answers now; RuntimeError if not: then silence would prove nothing."""
        if not self._answers(shop):
            raise RuntimeError(f"{self.service} does not answer before it is paused")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Freeze it."""
        _pauses(shop).pause(self.service)

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A connection is accepted, and a real request on it is not answered."""
        try:
            socket.create_connection(shop.engine.address(self.service), timeout=CONNECT_TIMEOUT_S).close()
        except OSError:
            return None  # it is gone rather than frozen
        if self._answers(shop):
            return None
        return f"{self.service}: a connection is accepted, and a request is not answered; it was before"

    def heal(self, shop: Shop, prepared: None) -> None:
        """Let it go on."""
        _pauses(shop).unpause(self.service)

    def _answers(self, shop: Shop) -> bool:
        program = shop.plan.stack.service(self.service).declared.program
        return serves(program, shop.engine.address(self.service), shop.secrets)


def _pauses(shop: Shop) -> Pauses:
    engine = shop.engine
    assert isinstance(engine, Pauses)
    return engine


EXTENSION = Pause
