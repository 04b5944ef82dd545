"""Progress: what a run tells, while it goes on, whoever watches it; how it is shown is `screen`'s affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from blackstart.clock import Clock

PHASES = {
    "up": "bringing the shop up",
    "seed": "filling the shop",
    "gate": "checking the shop before the fault",
    "calm": "trading without a fault",
    "inject": "waiting for the moment of the fault",
    "detect": "waiting until somebody notices",
    "recover": "recovering behind the fence",
    "resume": "waiting for customers to come back",
    "final": "checking everything once more",
}
"""What goes on in each phase of the journal, where nobody says it more closely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What customers do, and what a fault may take or took."""

    per_second: float
    """Operations, reads and writes, that the shop acknowledged a second, of late."""
    acknowledged: int
    """Writes that the shop acknowledged so far."""
    at_risk: int | None
    """Of them, those since the newest complete backup cycle began; None once the fault is injected."""
    lost: int | None
    """Of them, those that are gone; None until the verification has counted."""

    def words(self) -> str:
        """The figures on one line."""
        parts = [f"{self.per_second:.0f} operations/s", f"{self.acknowledged:,} writes acknowledged"]
        if self.at_risk is not None:
            parts.append(f"{self.at_risk:,} at risk")
        if self.lost is not None:
            parts.append(f"{self.lost:,} lost")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a run stands at one moment."""

    t: float
    """Seconds since the run began."""
    phase: str
    doing: str
    trade: Trade | None

    @property
    def activity(self) -> str:
        """What is going on."""
        return self.doing or PHASES.get(self.phase, self.phase) or "beginning"

    def words(self) -> str:
        """All of it on one line."""
        return f"{self.activity}: {self.trade.words()}" if self.trade else self.activity


class Progress:
    """Steps are told as they happen; whatever lies between them can be looked at, at any moment.

    All methods are cheap and may be called from any thread.
    """

    def __init__(self, clock: Clock, tell: Callable[[float, str], None] | None = None) -> None:
        self._clock = clock
        self._tell = tell
        self._phase = ""
        self._doing = ""
        self._trade: Trade | None = None

    def say(self, text: str) -> None:
        """A step is done: a line, with the seconds since the run began."""
        self._doing = ""
        if self._tell is not None:
            self._tell(self._clock.now(), text)

    def doing(self, text: str) -> None:
        """What is going on now, until something else is said; as often as one likes."""
        self._doing = text

    def phase(self, name: str) -> None:
        """A phase of the journal begins."""
        self._phase, self._doing = name, ""

    def trade(self, figures: Trade) -> None:
        """The newest figures."""
        self._trade = figures

    def status(self) -> Status:
        """Where the run stands now."""
        return Status(t=self._clock.now(), phase=self._phase, doing=self._doing, trade=self._trade)
