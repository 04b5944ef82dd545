"""`slow-network`: a service's answers trickle: a saturated link, a throttled machine, a cable at 10 Mbit."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import ClassVar, Literal

import httpx
import psycopg

from blackstart.activities.http_client import client
from blackstart.engines.network import SlowsNetwork
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack
from blackstart.units import Rate

GIVE_UP_S = 3.0
LONGER, LEAST_S = 10, 1.0
"""So many times as long, and at least so long, a transfer must take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowNetwork(Fault):
    """A token bucket (`tc … tbf`) before the container's interface lets so many bits a second out.

    What comes in is not slowed. Connections stay, and every answer waits its turn behind all others.
    """

    NAME: ClassVar[str] = "slow-network"
    FAMILY: ClassVar[Family] = "network"

    kind: Literal["slow-network"] = "slow-network"
    role: Literal["database", "app"] = "database"
    rate: Rate = 16_000.0

    @property
    def needs(self) -> type:
        """A network that can be slowed."""
        return SlowsNetwork

    @property
    def target(self) -> str:
        """Whose answers."""
        return f"answers of the {self.role}"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The data that its service holds."""
        return stack.roles_of(service=stack.roles[self.role].service)

    def prepare(self, shop: Shop) -> float:
        """How long a transfer takes now; RuntimeError if it takes long anyway: then slowness would prove nothing."""
        _engine(shop).get_ready_to_slow()
        before = min(self._takes_s(shop) for _ in range(3))
        if before * LONGER > GIVE_UP_S:
            raise RuntimeError(f"a transfer from the {self.role} takes {before:.2f} s before its network is slowed")
        return before

    def inject(self, shop: Shop, prepared: float) -> None:
        """Slow it."""
        _engine(shop).slow(shop.service(self.role), int(self.rate))

    def witness(self, shop: Shop, prepared: float) -> str | None:
        """A transfer of our own takes ten times as long as before, and at least a second."""
        now = self._takes_s(shop)
        if now < max(LONGER * prepared, LEAST_S):
            return None
        took = f"{now:.1f} s" if now < GIVE_UP_S else f"more than {GIVE_UP_S:.0f} s"
        return f"a transfer from the {self.role} takes {took}; {prepared:.3f} s before"

    def heal(self, shop: Shop, prepared: float) -> None:
        """Take the token bucket away."""
        _engine(shop).unslow(shop.service(self.role))

    def _takes_s(self, shop: Shop) -> float:
        """Seconds of a transfer of our own, GIVE_UP_S if it is not through by then; 0 where nobody serves."""
        began = time.monotonic()
        transfer = {"database": _from_database, "app": _from_app}[self.role]
        try:
            whole = transfer(shop, began + GIVE_UP_S)
        except (psycopg.errors.ConnectionTimeout, httpx.TimeoutException):
            whole = False
        except (psycopg.OperationalError, httpx.TransportError):
            return 0.0
        return time.monotonic() - began if whole else GIVE_UP_S


def _from_database(shop: Shop, until: float) -> bool:
    """Whether a long value came through until then. Below psycopg's own waiting, which has no end."""
    with shop.database() as connection:
        raw = connection.pgconn
        try:
            raw.send_query(b"SELECT repeat('x', 32768)")
            while raw.is_busy():
                if not select.select([raw.socket], [], [], max(0.0, until - time.monotonic()))[0]:
                    return False
                raw.consume_input()
        finally:
            raw.finish()
    return True


def _from_app(shop: Shop, until: float) -> bool:
    """Whether the list of products came through until then."""
    with client(shop.url) as http, http.stream("GET", "/products") as answer:
        return all(time.monotonic() < until for _ in answer.iter_raw())


def _engine(shop: Shop) -> SlowsNetwork:
    engine = shop.engine
    assert isinstance(engine, SlowsNetwork)
    return engine


EXTENSION = SlowNetwork
