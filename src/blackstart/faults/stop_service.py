"""`stop-service`: somebody stops a service, in the orderly way."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import Lifecycle
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop

CONNECT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopService(Fault):
    """The service gets its stop signal and time to end, as by `docker compose stop`; nothing starts it again."""

    NAME: ClassVar[str] = "stop-service"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["stop-service"] = "stop-service"
    service: str

    @property
    def needs(self) -> type:
        """Nothing special."""
        return Lifecycle

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> None:
        """See that it accepts a connection; RuntimeError if not: then a refusal would prove nothing."""
        if self._refuses(shop):
            raise RuntimeError(f"{self.service} accepts no connection before it is stopped")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Stop it."""
        shop.engine.stop(self.service)

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A fresh connection is refused, by the machine itself: nobody listens there any more."""
        if not self._refuses(shop):
            return None
        return f"{self.service}: a fresh connection is refused; it was accepted before"

    def _refuses(self, shop: Shop) -> bool:
        try:
            socket.create_connection(shop.engine.address(self.service), timeout=CONNECT_TIMEOUT_S).close()
        except ConnectionRefusedError:
            return True
        return False


EXTENSION = StopService
