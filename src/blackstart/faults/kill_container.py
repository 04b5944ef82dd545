"""`kill-container`: a service's process dies at once, once or again and again."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from blackstart.engines.base import KillsProcess
from blackstart.engines.containers import KillsByApi, Restarts
from blackstart.errors import NotConducted
from blackstart.families import Family
from blackstart.scenario import Bounds, Fault
from blackstart.shop import Shop
from blackstart.waiting import poll

RUNS_WITHIN_S = 10.0
RUNS_AGAIN_WITHIN_S = 30.0
"""A restart policy waits longer each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What ran before."""

    incarnation: str | None
    restarts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KillContainer(Fault):
    """`by: process` is a crash: the signal comes from outside, the restart policy stays in force.

    `by: api` is what `docker kill` does: the container stays down, whatever its restart policy says. With
    `times` it is killed as often, each time that the restart policy has it running again.
    A container's first process is not ended by a signal that it does not handle, but for KILL; then there is no
    witness. SIGKILL does not test fsync; a loss of power is another accident.
    """

    NAME: ClassVar[str] = "kill-container"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["kill-container"] = "kill-container"
    service: str
    by: Literal["process", "api"] = "process"
    signal: Literal["KILL", "TERM", "INT", "QUIT", "ABRT", "SEGV"] = "KILL"
    times: Annotated[int, Bounds(1, 6)] = 1

    @property
    def needs(self) -> type:
        """A way to end the process, or the container; and a restart policy, if it is to be ended again."""
        once = KillsProcess if self.by == "process" else KillsByApi
        return once if self.times == 1 else Restarts

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> Prepared:
        """Which process runs now; after an earlier fault it may have to start first."""
        running = poll(lambda: shop.engine.incarnation(self.service), within_s=RUNS_WITHIN_S)
        return Prepared(incarnation=running, restarts=self._restarts(shop))

    def inject(self, shop: Shop, prepared: Prepared) -> None:
        """Kill it; then its next incarnation, and so on."""
        killed = prepared.incarnation
        self._kill(shop)
        for _ in range(self.times - 1):
            killed = self._next(shop, killed)
            self._kill(shop)

    def witness(self, shop: Shop, prepared: Prepared) -> str | None:
        """The process that ran before runs no more; if it was killed again, as many were started after it."""
        now, restarts = shop.engine.incarnation(self.service), self._restarts(shop) - prepared.restarts
        if prepared.incarnation is None or now == prepared.incarnation or restarts < self.times - 1:
            return None
        again = f", after {restarts} restarts" if self.times > 1 else ""
        return f"{self.service}: {prepared.incarnation} is gone; now {now or 'nothing runs'}{again}"

    def _next(self, shop: Shop, killed: str | None) -> str:
        """What runs after an incarnation that was killed."""

        def another() -> str | None:
            running = shop.engine.incarnation(self.service)
            return running if running != killed else None

        running = poll(another, within_s=RUNS_AGAIN_WITHIN_S)
        if running is None:
            raise NotConducted(f"{self.service} did not run again within {RUNS_AGAIN_WITHIN_S:.0f} s")
        return running

    def _kill(self, shop: Shop) -> None:
        engine, number = shop.engine, signal.Signals[f"SIG{self.signal}"]
        if self.by == "process":
            assert isinstance(engine, KillsProcess)
            engine.kill_process(self.service, number=number)
        else:
            assert isinstance(engine, KillsByApi)
            engine.kill_by_api(self.service, number=number)

    def _restarts(self, shop: Shop) -> int:
        if self.times == 1:
            return 0
        assert isinstance(shop.engine, Restarts)
        return shop.engine.restarts(self.service)


EXTENSION = KillContainer
