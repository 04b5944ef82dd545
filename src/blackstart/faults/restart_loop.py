"""`restart-loop`: a wrong flag, a missing file: the service ends as soon as it starts, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import RestartsReconfigured
from blackstart.engines.readiness import serves
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop

LOOPS = 2
"""So many restarts are no single failed start any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartLoop(Fault):
    """The service is made anew with a command that ends at once with status 1; its restart policy does the rest."""

    NAME: ClassVar[str] = "restart-loop"
    FAMILY: ClassVar[Family] = "processes"

    kind: Literal["restart-loop"] = "restart-loop"
    service: str

    @property
    def needs(self) -> type:
        """A restart policy, and containers that can be made anew."""
        return RestartsReconfigured

    @property
    def target(self) -> str:
        """The service."""
        return self.service

    def prepare(self, shop: Shop) -> None:
        """See that it answers now; RuntimeError if not: then silence would prove nothing."""
        if not self._answers(shop):
            raise RuntimeError(f"{self.service} does not answer before it is made to loop")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Give it a command that ends at once."""
        _engine(shop).reconfigure(self.service, {"entrypoint": ["sh", "-c", "exit 1"], "command": []})

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """Its process was started again twice or more, and no request is answered."""
        restarts = _engine(shop).restarts(self.service)
        if restarts < LOOPS or self._answers(shop):
            return None
        return f"{self.service}: started again {restarts} times by itself, and no request is answered; it was before"

    def heal(self, shop: Shop, prepared: None) -> None:
        """The command of the compose file again."""
        _engine(shop).as_before(self.service)

    def _answers(self, shop: Shop) -> bool:
        program = shop.plan.stack.service(self.service).declared.program
        return serves(program, shop.engine.address(self.service), shop.secrets)


def _engine(shop: Shop) -> RestartsReconfigured:
    engine = shop.engine
    assert isinstance(engine, RestartsReconfigured)
    return engine


EXTENSION = RestartLoop
