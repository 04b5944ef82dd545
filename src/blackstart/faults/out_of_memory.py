"""`out-of-memory`: a report asks for more than the machine has, and the kernel kills a server process for it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import ClassVar, Literal

import psycopg

from blackstart.engines.containers import LimitsMemory
from blackstart.errors import NotConducted
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop

LIMIT_BYTES = 384 * 2**20
"""Three times what the server shares among its processes, which no limit can take from it."""
HUNGRY = "SELECT length(string_agg(repeat(md5(n::text), 32768), '')) FROM generate_series(1, 900) n"
"""One text of 900 MiB, in the memory of one backend."""
LOGGED = "terminated by signal 9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Counts from before."""

    kills: int
    logged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfMemory(Fault):
    """The container gets a low memory limit while it runs, and one query asks for more; then the limit is lifted.

    The kernel kills the backend, and PostgreSQL, which cannot know what that one did to shared memory, ends all
    others and recovers from its log. The container's own process stays, so `docker inspect` shows nothing.
    """

    NAME: ClassVar[str] = "out-of-memory"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["out-of-memory"] = "out-of-memory"
    service: Literal["database"] = "database"
    """The one service that can be asked for so much."""

    @property
    def needs(self) -> type:
        """A memory limit that the kernel enforces."""
        return LimitsMemory

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> Prepared:
        """What the kernel and the server's log have counted so far."""
        return Prepared(kills=_engine(shop).memory_kills(self.service), logged=self._logged(shop))

    def inject(self, shop: Shop, prepared: Prepared) -> None:
        """Limit it, ask for too much, and lift the limit."""
        _engine(shop).limit_memory(self.service, LIMIT_BYTES)
        try:
            with contextlib.suppress(psycopg.OperationalError), shop.database() as connection:
                connection.execute(HUNGRY)
        finally:
            _engine(shop).lift_memory_limit(self.service)

    def witness(self, shop: Shop, prepared: Prepared) -> str | None:
        """The kernel's own count of killed processes rose, and the server's log says that one ended by signal 9."""
        with contextlib.suppress(NotConducted):
            kills, logged = _engine(shop).memory_kills(self.service) - prepared.kills, self._logged(shop)
            if kills > 0 and logged > prepared.logged:
                return (
                    f"{self.service}: the kernel killed {kills} of its processes for want of memory; the log: {LOGGED}"
                )
        return None

    def _logged(self, shop: Shop) -> int:
        return dict(shop.engine.logs())[self.service].count(LOGGED)


def _engine(shop: Shop) -> LimitsMemory:
    engine = shop.engine
    assert isinstance(engine, LimitsMemory)
    return engine


EXTENSION = OutOfMemory
