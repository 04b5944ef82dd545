"""What the report shows, in words and formatted figures; the template only lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blackstart.plan import Plan
from blackstart.record import RunRecord
from blackstart.units import format_duration
from blackstart.verdict import CheckResult, Rpo, Rto, Verdict

_HEADLINES = {
    "pass": "Recovered, and proven",
    "fail": "Data lost or wrong, or not recovered",
    "missed": "Recovered, but an objective was missed",
    "inconclusive": "Nothing is proven",
}
_CALM = "Sound, without a fault"
_MARKS = {
    "T0": "the fault is injected",
    "T0w": "the witness saw it",
    "T1": "detected",
    "T2": "decision to recover",
    "Tf": "fence up: the app is stopped",
    "T3": "clean target provisioned",
    "T4": "restore finished",
    "T5": "database answers real queries",
    "T6": "data verified, behind the fence",
    "T7": "the application works: smoke test passed",
    "T8": "customers back in their rhythm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measurement beside its objective."""

    name: str
    actual: str
    objective: str
    met: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A table row of plain texts."""

    cells: tuple[str, ...]


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
    stores: tuple[Row, ...]
    lost: tuple[Row, ...]
    injections: tuple[Row, ...]
    backups: tuple[Row, ...]
    groups: tuple[CheckGroup, ...]
    environment: tuple[Row, ...]


def build(plan: Plan, record: RunRecord, verdict: Verdict) -> View:
    """Everything that the template needs."""
    headline = _HEADLINES[verdict.verdict]
    if verdict.verdict == "pass" and not plan.scenario.faults:
        headline = _CALM
    return View(
        title=plan.scenario.title,
        why=plan.scenario.why,
        verdict=verdict,
        headline=headline,
        figures=_figures(verdict) if plan.scenario.faults else (),
        marks=_marks(record),
        phases=_phases(verdict.rto),
        stores=_stores(verdict.rpo),
        lost=_lost(verdict.rpo),
        injections=tuple(
            Row(cells=(i["at"], f"{i['fault']} on {i['target']}", i["witness"] or "no witness"))
            for i in verdict.injections
        ),
        backups=_backups(record),
        groups=_groups(verdict.checks),
        environment=_environment(plan, record, verdict),
    )


def value(what: object) -> str:
    """An expected or actual value as people read it."""
    if isinstance(what, dict):
        return ", ".join(f"{name}: {value(part)}" for name, part in what.items())
    if isinstance(what, list | tuple):
        return ", ".join(map(value, what)) or "none"
    return {True: "yes", False: "no", None: "–"}.get(what, str(what)) if isinstance(what, bool | None) else str(what)


def _figures(verdict: Verdict) -> tuple[Figure, ...]:
    """Both measurements; one that stands beside wrong data has met nothing."""
    figures = (_rto(verdict.rto), _rpo(verdict.rpo))
    if verdict.verdict in ("pass", "missed"):
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


def _rpo(rpo: Rpo) -> Figure:
    notes = [f"{rpo.lost} of {rpo.acknowledged} acknowledged writes lost, {rpo.lost_after_t0} of them after the fault"]
    notes.append(f"{rpo.holes} holes, {rpo.indeterminate} writes without a clear answer")
    if rpo.resolution_s:
        notes.append(
            f"resolution {format_duration(rpo.resolution_s)}: between two acknowledgements at the recovery point"
        )
    return _figure("RPO", rpo.actual_s, rpo.objective_s, notes)


def _figure(
    name: str, actual: float | None, objective: float | None, notes: Sequence[str], *, censored: bool = False
) -> Figure:
    met = "no objective" if objective is None else "not measured"
    if actual is not None and objective is not None:
        met = "not recovered" if censored else "missed" if actual > objective else "met"
    return Figure(
        name=name,
        actual="not measured" if actual is None else ("> " if censored else "") + format_duration(actual),
        objective="none" if objective is None else format_duration(objective),
        met=met,
        notes=tuple(notes),
    )


def _marks(record: RunRecord) -> tuple[Row, ...]:
    t0 = record.marks.get("T0", 0.0)
    return tuple(
        Row(cells=(name, text, record.marks_at[name], f"{record.marks[name] - t0:+.3f} s"))
        for name, text in sorted(_MARKS.items(), key=lambda mark: record.marks.get(mark[0], 0.0))
        if name in record.marks
    )


def _phases(rto: Rto) -> tuple[Row, ...]:
    if not rto.phases:
        return ()
    total = sum(rto.phases.values()) or 1.0
    return tuple(
        Row(cells=(name, f"{seconds:.3f} s", f"{100 * seconds / total:.0f}")) for name, seconds in rto.phases.items()
    )


def _stores(rpo: Rpo) -> tuple[Row, ...]:
    return tuple(
        Row(
            cells=(
                name,
                s.data_class,
                format_duration(s.actual_s or 0.0),
                str(s.acknowledged),
                str(s.lost),
                str(s.lost_after_t0),
                str(s.holes),
                str(s.indeterminate),
            )
        )
        for name, s in rpo.stores.items()
    )


def _lost(rpo: Rpo) -> tuple[Row, ...]:
    return tuple(Row(cells=(name, op)) for name, store in rpo.stores.items() for op in store.lost_operations)


def _backups(record: RunRecord) -> tuple[Row, ...]:
    chosen = set(record.chosen.values())
    return tuple(
        Row(
            cells=(
                b.role,
                b.id,
                b.at,
                f"{b.completed_s - b.started_s:.2f} s",
                f"{b.bytes:,}",
                b.sha256[:16],
                b.error or ("restored" if b.id in chosen else "complete"),
            )
        )
        for b in record.backups
    )


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


def _environment(plan: Plan, record: RunRecord, verdict: Verdict) -> tuple[Row, ...]:
    workload = plan.scenario.workload
    facts = {
        "run": plan.run_id,
        "scenario file": f"{plan.scenario_file}, sha256 {plan.scenario_sha256[:16]}…",
        "plan": f"sha256 {record.plan_sha256[:16]}…",
        "engine": plan.engine,
        "started": verdict.started,
        "finished": verdict.finished,
        "seed": f"{plan.scenario.seed.scale}, number {plan.seed}",
        "customers": f"{workload.customers}, {workload.operations_per_second:g} operations/s",
        **dict(plan.versions),
        **{f"{service} runs": image for service, image in verdict.images.items()},
    }
    facts |= {"rows seeded": f"{sum(n for name, n in record.seeded.items() if '.' in name):,}"}
    return tuple(Row(cells=(name, value)) for name, value in facts.items())
