"""What a drill found: a result for each run, and the drill's own; its JSON is the contract's `blackstart.drill/1`."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blackstart.errors import ExitCode, worst_of_several
from blackstart.plan import Plan
from blackstart.units import format_duration
from blackstart.verdict import Word

SCHEMA = "blackstart.drill/1"
_WORST_FIRST: Sequence[Word] = ("fail", "inconclusive", "missed", "pass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measurement beside its objective; seconds."""

    actual_s: float | None
    objective_s: float | None
    censored: bool = False
    """The real figure is larger."""

    @property
    def actual(self) -> str:
        """The measurement in words."""
        if self.actual_s is None:
            return "not measured"
        return ("> " if self.censored else "") + format_duration(self.actual_s)

    @property
    def objective(self) -> str:
        """The target in words."""
        return "none" if self.objective_s is None else format_duration(self.objective_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """How many checks there were, and how many of them were green."""

    green: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """One run's verdict, as far as the drill tells of it; the rest is in the run's own folder."""

    scenario: str
    title: str
    run_id: str | None
    """None: it ended before it had one."""
    verdict: Word
    exit_code: int
    reasons: tuple[str, ...]
    started: str | None = None
    finished: str | None = None
    rto: Figure
    rpo: Figure
    acknowledged: int | None = None
    lost: int | None = None
    """Of the writes acknowledged before the fence; None: there was no fault, or nobody counted."""
    checks: Checks = field(default_factory=Checks)
    report: str | None = None
    """The run's report, relative to the drill's folder; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """A scenario whose turn did not come."""

    scenario: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """All that drill.json says."""

    schema: str = SCHEMA
    drill_id: str
    name: str
    title: str
    purpose: str
    schedule: str
    engine: str
    jobs: int
    started: str
    finished: str
    verdict: Word
    exit_code: int
    runs: tuple[RunResult, ...]
    not_started: tuple[NotStarted, ...]

    @property
    def counts(self) -> str:
        """How many runs ended how: `3 runs: 2 pass, 1 fail; 1 not started`."""
        words = Counter(run.verdict for run in self.runs)
        said = ", ".join(f"{words[word]} {word}" for word in reversed(_WORST_FIRST) if words[word])
        text = f"{len(self.runs)} run{'s' * (len(self.runs) != 1)}" + (f": {said}" if said else "")
        return text + (f"; {len(self.not_started)} not started" if self.not_started else "")

    def to_json(self) -> str:
        """The text of drill.json."""
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"


def worst(runs: Sequence[RunResult], absent: Sequence[NotStarted], *, interrupted: bool) -> tuple[Word, ExitCode]:
    """The drill's verdict and exit code; a scenario that was not started proves nothing."""
    words = [run.verdict for run in runs]
    codes = [ExitCode(run.exit_code) for run in runs]
    if interrupted:
        codes.append(ExitCode.INTERRUPTED)
    if absent or interrupted:
        words.append("inconclusive")
        codes.append(ExitCode.INCONCLUSIVE)
    return min(words, key=_WORST_FIRST.index), worst_of_several(codes)


def of_folder(path: Path, plan: Plan, status: int) -> RunResult | None:
    """The result of a run that wrote its verdict and then ended with that verdict's exit code; else None."""
    try:
        verdict = json.loads((path / "verdict.json").read_text())
        if verdict["exit_code"] != status or not (path / "report.html").is_file():
            return None
        return _of_verdict(verdict, plan, f"../{path.name}/report.html")
    except (OSError, ValueError, LookupError, TypeError):
        return None


def without_verdict(plan: Plan, run_id: str | None, code: ExitCode, reason: str) -> RunResult:
    """The result of a run whose worker ended before there was a verdict."""
    objectives = plan.scenario.objectives
    return RunResult(
        scenario=plan.scenario.name,
        title=plan.scenario.title,
        run_id=run_id,
        verdict="inconclusive",
        exit_code=int(code),
        reasons=(reason,),
        rto=Figure(actual_s=None, objective_s=objectives.rto),
        rpo=Figure(actual_s=None, objective_s=objectives.rpo),
    )


def not_started(plan: Plan, reason: str) -> NotStarted:
    """The result of a run that never was."""
    return NotStarted(scenario=plan.scenario.name, title=plan.scenario.title, reason=reason)


def _of_verdict(verdict: Mapping[str, Any], plan: Plan, report: str) -> RunResult:
    rto, rpo, checks = verdict["rto"], verdict["rpo"], verdict["checks"]
    counted = bool(rpo["stores"])
    return RunResult(
        scenario=verdict["scenario"],
        title=plan.scenario.title,
        run_id=verdict["run_id"],
        verdict=verdict["verdict"],
        exit_code=verdict["exit_code"],
        reasons=(*verdict["reasons"], *(f"left behind: {name}" for name in verdict["leftovers"])),
        started=verdict["started"],
        finished=verdict["finished"],
        rto=Figure(actual_s=rto["actual_s"], objective_s=rto["objective_s"], censored=rto["censored"]),
        rpo=Figure(actual_s=rpo["actual_s"], objective_s=rpo["objective_s"], censored=rpo["censored"]),
        acknowledged=rpo["acknowledged"] if counted else None,
        lost=rpo["lost"] if counted else None,
        checks=Checks(green=sum(check["outcome"] == "pass" for check in checks), total=len(checks)),
        report=report,
    )
