"""What the runs at growing sizes say about another size: pure, from figures to lines, estimates and limits."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from blackstart.errors import ExitCode, worst_of_several
from blackstart.forecasting.model import Estimate, Line, Point, estimate, fit, largest_within
from blackstart.prediction import worst_case

SCHEMA = "blackstart.forecast/1"
PHASES = ("detect", "decide", "provision", "restore", "start", "verify", "resume")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One run; durations in seconds, None: not measured, or the data was not proven."""

    size: str
    run_id: str | None
    verdict: str
    exit_code: int
    reasons: tuple[str, ...]
    report: str | None
    bytes: int | None = None
    """Of database and uploads together, before the fault."""
    rows: int | None = None
    rto_s: float | None = None
    phases: Mapping[str, float] = dataclasses.field(default_factory=dict)
    longest_backup_s: float | None = None
    """Of all complete cycles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """What is predicted for one size."""

    bytes: float
    times: float
    """How many times the largest drilled size that is."""
    rto: Estimate | None
    phases: Mapping[str, float]
    backup: Estimate | None
    """The longest cycle."""
    worst_rpo_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Up to which size an objective is met; `bytes` None: at any size, as far as the line knows."""

    objective: str
    seconds: float
    bytes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """All that forecast.json says."""

    schema: str = SCHEMA
    forecast_id: str
    scenario: str
    title: str
    engine: str
    repeats: int
    started: str
    finished: str
    backup_interval_s: float | None
    measurements: tuple[Measurement, ...]
    lines: Mapping[str, Line]
    """Phase, or `backup`, to its line; empty if too little was measured."""
    at: tuple[At, ...]
    limits: tuple[Limit, ...]
    missing: int = 0
    """Runs that were not started."""
    interrupted: bool = False

    @property
    def code(self) -> ExitCode:
        """0 if every run was proven and there are lines; else the gravest of the runs' codes, or 3."""
        codes = [ExitCode(each.exit_code) for each in self.measurements]
        codes += [ExitCode.INTERRUPTED] * self.interrupted + [ExitCode.INCONCLUSIVE] * bool(self.missing)
        codes += [ExitCode.INCONCLUSIVE] * (not self.lines)
        return worst_of_several(codes)

    def to_json(self) -> str:
        """The text of forecast.json."""
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"


def lines(found: Sequence[Measurement]) -> Mapping[str, Line]:
    """A line for each phase and for the backup; none if fewer than two sizes were measured."""
    known = [each for each in found if each.bytes and each.rto_s is not None]
    if len({each.size for each in known}) < 2:
        return {}
    fitted = {phase: fit(_points(known, lambda m, phase=phase: m.phases[phase])) for phase in PHASES}  # type: ignore[misc]
    saved = _points(known, lambda m: m.longest_backup_s)
    return fitted | ({"backup": fit(saved)} if saved else {})


def predict(found: Sequence[Measurement], fitted: Mapping[str, Line], size: float, interval_s: float | None) -> At:
    """What a size comes to; the recovery time is the sum of its phases."""
    known = [each for each in found if each.bytes and each.rto_s is not None]
    saved = _points(known, lambda m: m.longest_backup_s)
    backup = estimate(saved, fitted["backup"], size) if "backup" in fitted else None
    longest = backup.seconds if backup else (fitted["backup"].at(size) if "backup" in fitted else None)
    return At(
        bytes=size,
        times=size / max((each.bytes or 0 for each in known), default=1),
        rto=estimate(_points(known, lambda m: m.rto_s), whole(fitted), size),
        phases={phase: fitted[phase].at(size) for phase in PHASES},
        backup=backup,
        worst_rpo_s=worst_case(interval_s, longest) if interval_s is not None and longest is not None else None,
    )


def limits(
    fitted: Mapping[str, Line], rto_s: float | None, rpo_s: float | None, interval_s: float | None
) -> list[Limit]:
    """Where each objective breaks: the recovery takes too long, or so does a backup beside its interval."""
    found = []
    if rto_s is not None:
        found.append(Limit(objective="RTO", seconds=rto_s, bytes=largest_within(whole(fitted), rto_s)))
    if rpo_s is not None and interval_s is not None and "backup" in fitted:
        # A cycle that is longer than the interval stretches it: the loss is then twice the cycle.
        longest = rpo_s - interval_s if rpo_s < 2 * interval_s else rpo_s / 2
        within = largest_within(fitted["backup"], longest) if longest >= 0 else 0.0
        found.append(Limit(objective="RPO", seconds=rpo_s, bytes=within))
    return found


def whole(fitted: Mapping[str, Line]) -> Line:
    """The line of the recovery time: its phases' together."""
    return Line(
        base_s=sum(fitted[phase].base_s for phase in PHASES),
        per_byte_s=sum(fitted[phase].per_byte_s for phase in PHASES),
    )


def _points(found: Sequence[Measurement], of: Callable[[Measurement], float | None]) -> list[Point]:
    return [(each.bytes, y) for each in found if each.bytes and (y := of(each)) is not None]
