"""What a comparison found: each contender with its trials, who was left out, and what is recommended and why."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from blackstart.comparing.figures import Trial, median, worst
from blackstart.errors import ExitCode
from blackstart.scenario import Objectives
from blackstart.units import format_duration

SCHEMA = "blackstart.comparison/1"
LONGEST_REASON = 120
"""Characters; the run's own report has the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One contender and what its runs showed."""

    name: str
    role: str
    own: bool
    trials: tuple[Trial, ...]

    @property
    def proven(self) -> bool:
        """Whether the data was known to be right after every trial."""
        return bool(self.trials) and all(trial.proven for trial in self.trials)

    @property
    def word(self) -> str:
        """The gravest verdict of its trials."""
        order = ("fail", "inconclusive", "missed", "pass")
        return min((trial.verdict for trial in self.trials), key=order.index)

    def median(self, of: Callable[[Trial], float | None]) -> float | None:
        """Over its trials, of those that have the figure."""
        return median(of(trial) for trial in self.trials)

    def worst(self, of: Callable[[Trial], float | None]) -> float | None:
        """Over its trials; None if one lacks the figure."""
        return worst(of(trial) for trial in self.trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A contender that cannot be had here, and why."""

    name: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Which contender to take for a role; `name` is None if none will do."""

    role: str
    name: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that comparison.json says."""

    schema: str = SCHEMA
    comparison_id: str
    scenario: str
    title: str
    engine: str
    seed: int
    repeats: int
    started: str
    finished: str
    rto_objective_s: float | None
    rpo_objective_s: float | None
    standings: tuple[Standing, ...]
    left_out: tuple[LeftOut, ...]
    advice: tuple[Advice, ...]
    interrupted: bool = False

    @property
    def code(self) -> ExitCode:
        """Whether there is an answer: a contender that fails is one, a run that proves nothing is none."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        codes = [trial.exit_code for standing in self.standings for trial in standing.trials]
        if ExitCode.BUG in codes:
            return ExitCode.BUG
        if any(trial.verdict == "inconclusive" for standing in self.standings for trial in standing.trials):
            return ExitCode.INCONCLUSIVE
        if any(len(standing.trials) < self.repeats for standing in self.standings):
            return ExitCode.INCONCLUSIVE
        if all(advice.name is not None for advice in self.advice):
            return ExitCode.LEFTOVERS if ExitCode.LEFTOVERS in codes else ExitCode.PASS
        roles = {standing.role for standing in self.standings if standing.proven}
        return ExitCode.OBJECTIVE_MISSED if all(advice.role in roles for advice in self.advice) else ExitCode.DATA_WRONG

    def to_json(self) -> str:
        """The text of comparison.json."""
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"


def advise(standings: Sequence[Standing], objectives: Objectives) -> tuple[Advice, ...]:
    """For each role, the contender whose tightest objective has the most room among those that always met both.

    Room is the part of an objective that the worst trial left over: 1 − actual / objective. Without objectives
    it is the one that lost the least, and among equals the fastest.
    """
    roles = dict.fromkeys(standing.role for standing in standings)
    return tuple(_advise(role, [s for s in standings if s.role == role], objectives) for role in roles)


def _advise(role: str, standings: Sequence[Standing], objectives: Objectives) -> Advice:
    reasons = [f"{s.name} is out: {_why_not(s)}" for s in standings if not s.proven]
    proven = [s for s in standings if s.proven]
    if not proven:
        return Advice(role=role, name=None, reasons=("no procedure brought the data back, proven", *reasons))
    rooms = {s.name: room(s, objectives) for s in proven}
    best = min(proven, key=lambda s: (-rooms[s.name], *_figures(s)))
    limits = objectives.rto is not None or objectives.rpo is not None
    reasons += [f"{s.name} is out: {_missed(s, objectives)}" for s in proven if limits and rooms[s.name] < 0]
    if limits and rooms[best.name] < 0:
        nearest = f"none met every objective each time; the nearest is {best.name}: {_said(best)}"
        return Advice(role=role, name=None, reasons=(nearest, *reasons))
    room_left = f", {rooms[best.name]:.0%} of its tighter objective to spare, more than any other" if limits else ""
    return Advice(role=role, name=best.name, reasons=(f"{best.name}: {_said(best)}{room_left}", *reasons))


def room(standing: Standing, objectives: Objectives) -> float:
    """What the worst trial left of the tighter objective, as a part of it; negative if it was missed.

    An objective of zero seconds is met with all its room, or not at all. Without objectives: 0.
    """
    parts = [
        _part(standing.worst(lambda t: t.rto_s), objectives.rto),
        _part(standing.worst(lambda t: t.rpo_s), objectives.rpo),
    ]
    return min((part for part in parts if part is not None), default=0.0)


def _part(actual: float | None, objective: float | None) -> float | None:
    if objective is None:
        return None
    if actual is None:
        return float("-inf")
    if objective == 0:
        return 1.0 if actual <= 0 else float("-inf")
    return 1 - actual / objective


def _figures(standing: Standing) -> Iterable[float]:
    """Lost time, then downtime; what was not measured comes last."""
    for figure in (standing.worst(lambda t: t.rpo_s), standing.worst(lambda t: t.rto_s)):
        yield float("inf") if figure is None else figure


def _said(standing: Standing) -> str:
    rto, rpo = standing.worst(lambda t: t.rto_s), standing.worst(lambda t: t.rpo_s)
    return f"RTO at worst {_duration(rto)}, RPO at worst {_duration(rpo)}"


def _missed(standing: Standing, objectives: Objectives) -> str:
    pairs = (
        ("RTO", standing.worst(lambda t: t.rto_s), objectives.rto),
        ("RPO", standing.worst(lambda t: t.rpo_s), objectives.rpo),
    )
    return ", ".join(
        f"{name} at worst {_duration(actual)}, objective {format_duration(objective)}"
        for name, actual, objective in pairs
        if objective is not None and (actual is None or actual > objective)
    )


def _why_not(standing: Standing) -> str:
    bad = next((trial for trial in standing.trials if not trial.proven), None)
    if bad is None:
        return "it was not run"
    why = bad.reasons[0] if bad.reasons else "no reason given"
    return f"{bad.verdict}: {textwrap.shorten(why, LONGEST_REASON, placeholder=' …')}"


def _duration(seconds: float | None) -> str:
    return "not measured" if seconds is None else format_duration(seconds)
