"""What the report shows, in words and formatted figures; the template only lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blackstart.plan import Plan
from blackstart.record import RunRecord
from blackstart.report import tables
from blackstart.report.tables import Row
from blackstart.units import format_duration, format_size
from blackstart.verdict import PROVEN, CheckResult, Rto, Verdict

_HEADLINES = {
    "pass": "Recovered, and proven",
    "fail": "Data lost or wrong, or not recovered",
    "missed": "Recovered, but an objective was missed",
    "inconclusive": "Nothing is proven",
}
_CALM = "Sound, without a fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measurement beside its objective."""

    name: str
    actual: str
    objective: str
    met: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckGroup:
    """The checks of one stage."""

    title: str
    checks: tuple[CheckResult, ...]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The report's content."""

    title: str
    why: str
    verdict: Verdict
    headline: str
    figures: tuple[Figure, ...]
    marks: tuple[Row, ...]
    phases: tuple[Row, ...]
    steps: tuple[Row, ...]
    stores: tuple[Row, ...]
    lost: tuple[Row, ...]
    lost_orders: str
    waiting: tuple[Row, ...]
    prediction: tuple[Row, ...]
    holds_for: str
    injections: tuple[Row, ...]
    detections: tuple[Row, ...]
    backups: tuple[Row, ...]
    silent: str
    """The layers that did not run, in a line; empty if all did."""
    groups: tuple[CheckGroup, ...]
    environment: tuple[Row, ...]


def build(plan: Plan, record: RunRecord, verdict: Verdict, *, lost_orders: str = "") -> View:
    """Everything that the template needs; `lost_orders` names the list of them, if there are any."""
    headline = _HEADLINES[verdict.verdict]
    if verdict.verdict == "pass" and not plan.scenario.faults:
        headline = _CALM
    return View(
        title=plan.scenario.title,
        why=plan.scenario.why,
        verdict=verdict,
        headline=headline,
        figures=_figures(verdict) if plan.scenario.faults else (),
        marks=tables.marks(record),
        phases=tables.phases(verdict.rto),
        steps=tables.steps(verdict.checks),
        stores=tables.stores(verdict.rto, verdict.rpo),
        lost=tables.lost(verdict.rpo),
        lost_orders=lost_orders,
        waiting=tables.waiting(verdict.latency),
        prediction=tables.prediction(verdict.prediction) if verdict.prediction else (),
        holds_for=_holds_for(plan, verdict),
        injections=tables.injections(verdict),
        detections=tables.detections(verdict),
        backups=tables.backups(record),
        silent=_silent(verdict),
        groups=_groups(verdict.checks),
        environment=tables.environment(plan, record, verdict),
    )


def _silent(verdict: Verdict) -> str:
    """Green says nothing about these, so it is told beside the verdict."""
    names = [f"{each.layer} ({each.what})" for each in verdict.layers if each.outcome == "not_run"]
    return f"Layers that did not run: {', '.join(names)}" if names else ""


def value(what: object) -> str:
    """An expected or actual value as people read it."""
    if isinstance(what, dict):
        return ", ".join(f"{name}: {value(part)}" for name, part in what.items())
    if isinstance(what, list | tuple):
        return ", ".join(map(value, what)) or "none"
    return {True: "yes", False: "no", None: "–"}.get(what, str(what)) if isinstance(what, bool | None) else str(what)


def _figures(verdict: Verdict) -> tuple[Figure, ...]:
    """Both measurements; one that stands beside wrong data has met nothing."""
    figures = (_rto(verdict.rto), _rpo(verdict))
    if verdict.verdict in PROVEN:
        return figures
    return tuple(replace(figure, met="not proven" if figure.met == "met" else figure.met) for figure in figures)


def _rto(rto: Rto) -> Figure:
    notes = []
    if rto.accepting_queries_s is not None:
        notes.append(f"database accepted queries after {format_duration(rto.accepting_queries_s)}")
    if rto.phases:
        notes.append(f"verification took {format_duration(rto.phases['verify'])} of it")
    if rto.resolution_s is not None:
        notes.append(f"resolution {format_duration(rto.resolution_s)}: the largest gap between probes in the outage")
    if rto.modelled_s:
        notes.append(f"of it a modelled human decision: {format_duration(rto.modelled_s)}")
    return _figure("RTO", rto.actual_s, rto.objective_s, notes, censored=rto.censored)


def _rpo(verdict: Verdict) -> Figure:
    rpo = verdict.rpo
    notes = [f"{rpo.lost} of {rpo.acknowledged} acknowledged writes lost, {rpo.lost_after_t0} of them after the fault"]
    notes.append(f"{rpo.holes} holes, {rpo.indeterminate} writes without a clear answer")
    real = verdict.prediction.production if verdict.prediction else None
    if real is not None and rpo.objective_s is not None and real.worst_rpo_s > rpo.objective_s:
        notes.append(f"in production up to {format_duration(real.worst_rpo_s)} is predicted, beyond the objective")
    if rpo.numbers_issued_again:
        notes.append(f"{rpo.numbers_issued_again} numbers of lost orders were issued again: see lost-orders.csv")
    if rpo.resolution_s:
        notes.append(
            f"resolution {format_duration(rpo.resolution_s)}: between two acknowledgements at the recovery point"
        )
    return _figure("RPO", rpo.actual_s, rpo.objective_s, notes, censored=rpo.censored)


def _figure(
    name: str, actual: float | None, objective: float | None, notes: Sequence[str], *, censored: bool = False
) -> Figure:
    met = "no objective" if objective is None else "not measured"
    if actual is not None and objective is not None:
        unproven = "not recovered" if name == "RTO" else "not proven"
        met = unproven if censored else "missed" if actual > objective else "met"
    return Figure(
        name=name,
        actual="not measured" if actual is None else ("> " if censored else "") + format_duration(actual),
        objective="none" if objective is None else format_duration(objective),
        met=met,
        notes=tuple(notes),
    )


def _holds_for(plan: Plan, verdict: Verdict) -> str:
    """How far the figures reach: a drill at one size says nothing about another one by itself."""
    found = verdict.prediction
    size = format_size(found.drilled_bytes) if found else plan.scenario.seed.scale
    if found is None or found.production is None:
        return (
            f"RTO and RPO hold for the drilled size only ({size}). The scenario gives no production figures "
            "(production: {size, backup_interval}), so nothing is predicted for a larger shop."
        )
    real = found.production
    times = tables.multiple(real.times_drilled)
    text = (
        f"The drilled shop has {size}, production {format_size(real.bytes)}: {times} times as much. "
        f"The longest backup cycle (database, uploads, cache) took {format_duration(found.longest_backup_s)}; "
        "scaled by bytes it takes "
        f"{format_duration(real.backup_s)}, and with a backup every {format_duration(real.backup_interval_s)} the "
        f"worst RPO is {format_duration(real.worst_rpo_s)}. What a backup costs at any size is scaled with it, so this "
        "is an upper guess, and for a small drill a rough one. RTO holds for the drilled size only."
    )
    objective = verdict.rpo.objective_s
    if objective is not None and real.worst_rpo_s > objective:
        text += f" That worst RPO is beyond the RPO objective of {format_duration(objective)}."
    return text


def _groups(checks: Sequence[CheckResult]) -> tuple[CheckGroup, ...]:
    titles = {
        "gate": "Before the fault",
        "verify": "After the recovery, behind the fence",
        "resume": "Through the application, after the fence was lifted",
        "final": "At the end, when customers had come to rest",
    }
    groups = []
    for stage, title in titles.items():
        own = tuple(check for check in checks if check.stage == stage)
        green = sum(check.outcome == "pass" for check in own)
        if own:
            groups.append(CheckGroup(title=title, checks=own, summary=f"{green} of {len(own)} green"))
    return tuple(groups)
