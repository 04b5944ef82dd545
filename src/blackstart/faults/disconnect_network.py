"""`disconnect-network`: services drop off the network: a cut cable, a wrong firewall rule, a partition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.network import Disconnects
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import STORES, Role, Stack

CONNECT_WITHIN_S = 3
_CONNECT = f"""
import socket, sys
for each in sys.argv[1:]:
    host, _, port = each.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout={CONNECT_WITHIN_S}).close()
    except OSError:
        continue
    sys.exit(1)
"""
"""Its exit status is 0 if none of the places can be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectNetwork(Fault):
    """The services go on running, and nobody reaches them by the stack's network any more, nor they anybody.

    Ports that they publish on the host are cut off as well. They come back under the same names.
    """

    NAME: ClassVar[str] = "disconnect-network"
    FAMILY: ClassVar[Family] = "network"

    kind: Literal["disconnect-network"] = "disconnect-network"
    services: tuple[str, ...]

    @property
    def needs(self) -> type:
        """A network that services can be taken off."""
        return Disconnects

    @property
    def target(self) -> str:
        """Who is cut off."""
        return ", ".join(self.services)

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The roles that they serve."""
        return tuple(role for role in STORES if stack.roles[role].service in self.services)

    def prepare(self, shop: Shop) -> tuple[str, ...]:
        """Where the app reaches others across the cut; RuntimeError if it does not: then silence proves nothing."""
        app, services = shop.service("app"), shop.plan.stack.services
        crossed = [s for s in services if s.name != app and (app in self.services) != (s.name in self.services)]
        places = tuple(f"{s.name}:{s.port}" for s in crossed)
        if not places:
            raise RuntimeError(f"nothing that the app needs lies on the other side of {self.target}")
        for place in places:
            if self._cut_off(shop, (place,)):
                raise RuntimeError(f"the app does not reach {place} before anything is disconnected")
        return places

    def inject(self, shop: Shop, prepared: tuple[str, ...]) -> None:
        """Disconnect them."""
        _engine(shop).disconnect(self.services)

    def witness(self, shop: Shop, prepared: tuple[str, ...]) -> str | None:
        """From inside the app's container no connection is made to any of the names across the cut."""
        if not self._cut_off(shop, prepared):
            return None
        return f"from inside {shop.service('app')}, no connection to {', '.join(prepared)}; each was accepted before"

    def heal(self, shop: Shop, prepared: tuple[str, ...]) -> None:
        """Connect them again, and wait until they serve."""
        _engine(shop).reconnect(self.services)
        app = shop.service("app")
        for service in self.services:
            if service != app:  # the recovery may have stopped it behind the fence
                shop.engine.start(service)

    def _cut_off(self, shop: Shop, places: tuple[str, ...]) -> bool:
        """Whether the app reaches none of them; False where nobody can ask, since it does not run."""
        app = shop.service("app")
        if shop.engine.incarnation(app) is None:
            return False
        return _engine(shop).execute(app, ["python3", "-c", _CONNECT, *places], deadline_s=60).status == 0


def _engine(shop: Shop) -> Disconnects:
    engine = shop.engine
    assert isinstance(engine, Disconnects)
    return engine


EXTENSION = DisconnectNetwork
