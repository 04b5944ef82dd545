"""`kill-container`: a service's process dies at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import KillsByApi, KillsProcess
from blackstart.faults.base import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.waiting import poll

RUNS_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KillContainer(Fault):
    """`by: process` is a crash: SIGKILL from outside, the restart policy stays in force.

    `by: api` is what `docker kill` does: the container stays down, whatever its restart policy says.
    SIGKILL does not test fsync; a loss of power is another accident.
    """

    NAME: ClassVar[str] = "kill-container"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["kill-container"] = "kill-container"
    service: str
    by: Literal["process", "api"] = "process"

    @property
    def needs(self) -> type:
        """A way to end the process, or the container."""
        return KillsProcess if self.by == "process" else KillsByApi

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> str | None:
        """Which process runs now; after an earlier fault it may have to start first."""
        return poll(lambda: shop.engine.incarnation(self.service), within_s=RUNS_WITHIN_S)

    def inject(self, shop: Shop, prepared: str | None) -> None:
        """Kill it."""
        engine = shop.engine
        if self.by == "process":
            assert isinstance(engine, KillsProcess)
            engine.kill_process(self.service)
        else:
            assert isinstance(engine, KillsByApi)
            engine.kill_by_api(self.service)

    def witness(self, shop: Shop, prepared: str | None) -> str | None:
        """The process that ran before runs no more."""
        now = shop.engine.incarnation(self.service)
        if prepared is None or now == prepared:
            return None
        return f"{self.service}: {prepared} is gone; now {now or 'nothing runs'}"


EXTENSION = KillContainer
