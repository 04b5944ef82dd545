"""The report's tables, row by row, in words and formatted figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blackstart.families import COLOURS
from blackstart.latency import Latency
from blackstart.plan import Plan
from blackstart.prediction import Prediction
from blackstart.record import RunRecord
from blackstart.units import format_duration, format_size, shown_duration
from blackstart.verdict import CheckResult, Rpo, Rto, StoreRto, Verdict

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
RUNBOOK = "runbook-steps"
_STEPS = {"restore-log": "load the dump", "statistics": "planner statistics (ANALYZE)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A table row of plain texts."""

    cells: tuple[str, ...]
    colour: str = ""
    """What marks it, if anything does."""


def injections(verdict: Verdict) -> tuple[Row, ...]:
    """Each fault: when, what, at which moment, what the witness saw, and when it was healed."""
    return tuple(
        Row(
            cells=(
                i["at"],
                f"{i['fault']} on {i['target']}",
                i["moment"],
                i["witness"] or "no witness",
                i["healed"] or "by the recovery",
            ),
            colour=COLOURS.get(i["family"], ""),
        )
        for i in verdict.injections
    )


def detections(verdict: Verdict) -> tuple[Row, ...]:
    """Each silent accident: who found it, how long it went unnoticed, and what that cost."""
    return tuple(
        Row(
            cells=(
                f"{d.fault} on {d.target}",
                d.check,
                d.named or "found nothing",
                "not noticed" if d.unnoticed_s is None else format_duration(d.unnoticed_s),
                _of_servers(d.acknowledged_meanwhile, {name: n["acknowledged"] for name, n in d.by_server.items()}),
                _of_servers(d.lost_meanwhile, {name: n["lost"] for name, n in d.by_server.items()}),
            )
        )
        for d in verdict.detections
    )


def _of_servers(total: int, parts: Mapping[str, int]) -> str:
    """A number, and what each of several databases has to do with it."""
    return f"{total} ({', '.join(f'{name}: {n}' for name, n in parts.items())})" if parts else str(total)


def marks(record: RunRecord) -> tuple[Row, ...]:
    """Each mark that was reached, in order of time."""
    t0 = record.marks.get("T0", 0.0)
    return tuple(
        Row(cells=(name, text, record.marks_at[name], f"{record.marks[name] - t0:+.3f} s"))
        for name, text in sorted(_MARKS.items(), key=lambda mark: record.marks.get(mark[0], 0.0))
        if name in record.marks
    )


def phases(rto: Rto) -> tuple[Row, ...]:
    """Each phase's seconds and its part of the recovery time in percent."""
    if not rto.phases:
        return ()
    total = sum(rto.phases.values()) or 1.0
    return tuple(
        Row(cells=(name, f"{seconds:.3f} s", f"{100 * seconds / total:.0f}")) for name, seconds in rto.phases.items()
    )


def stores(rto: Rto, rpo: Rpo) -> tuple[Row, ...]:
    """Each store's recovery time and recovery point, and what they are made of."""
    rows = []
    for name, s in rpo.stores.items():
        back = rto.stores.get(name)
        counts = (s.acknowledged, s.lost, s.lost_after_t0, s.holes, s.indeterminate)
        times = (_back(back), shown_duration(back.restored_s)) if back else ("–", "–")
        rows.append(Row(cells=(name, s.data_class, *times, format_duration(s.actual_s or 0.0), *map(str, counts))))
    return tuple(rows)


def multiple(times: float) -> str:
    """How many times as much, in digits that people read."""
    return f"{times:,.0f}" if times >= 100 else f"{times:.3g}"


def _back(store: StoreRto) -> str:
    """When customers were back with it."""
    if not store.harmed:
        return "not harmed"
    return "not back" if store.actual_s is None else format_duration(store.actual_s)


def waiting(latency: Mapping[str, Latency]) -> tuple[Row, ...]:
    """Each class of operation's p95 before the fault and after the recovery, and their ratio."""
    rows = []
    for name, each in latency.items():
        before, after = each.before_p95_s, each.after_p95_s
        ratio = f"{after / before:.2f} ×" if before and after else "–"
        figures = (shown_duration(before), str(each.before_n), shown_duration(after), str(each.after_n), ratio)
        rows.append(Row(cells=(name, *figures)))
    return tuple(rows)


def steps(checks: Sequence[CheckResult]) -> tuple[Row, ...]:
    """The restore's own steps that were timed."""
    timed = [check for check in checks if check.stage == "verify" and check.name in {*_STEPS, RUNBOOK} and check.took_s]
    # A runbook's own steps say themselves what they did, of which role.
    named = [(_STEPS.get(c.name) or c.subject.partition(": ")[2], c.subject.partition(": ")[0], c) for c in timed]
    return tuple(Row(cells=(what, role, format_duration(c.took_s))) for what, role, c in named)


def prediction(found: Prediction) -> tuple[Row, ...]:
    """Worst cases: at the drilled size, and in production if the scenario says what that is."""
    drilled = ("this drill", format_size(found.drilled_bytes), "1 ×", format_duration(found.longest_backup_s))
    rows = [Row(cells=(*drilled, format_duration(found.worst_rpo_s)))]
    real = found.production
    if real is not None:
        size, times = format_size(real.bytes), f"{multiple(real.times_drilled)} ×"
        worst = format_duration(real.worst_rpo_s)
        rows.append(Row(cells=("production", size, times, format_duration(real.backup_s), worst)))
    return tuple(rows)


def lost(rpo: Rpo) -> tuple[Row, ...]:
    """Each lost operation."""
    return tuple(Row(cells=(name, op)) for name, store in rpo.stores.items() for op in store.lost_operations)


def backups(record: RunRecord) -> tuple[Row, ...]:
    """Each backup that was begun."""
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


def environment(plan: Plan, record: RunRecord, verdict: Verdict) -> tuple[Row, ...]:
    """What ran, where, with which versions."""
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
    facts |= {f"checkers that judged {when}": _checkers(verdict, when) for when in ("now", "in the run")}
    if verdict.judged is not None:
        note = verdict.judged
        facts |= {
            f"judged again ({note.again})": f"{note.at}, by blackstart {note.blackstart}; {note.kept}",
            "which changed": "; ".join(note.changes) or "nothing",
            "judged anew": ", ".join(note.redone_checks) or "no check",
            "as observed in the run": ", ".join(note.kept_checks) or "no check",
        }
    return tuple(Row(cells=(name, value)) for name, value in facts.items())


def _checkers(verdict: Verdict, when: str) -> str:
    """Each with its version."""
    found = [(each.checker, each.version) for each in verdict.checked if each.judged == when]
    return ", ".join(f"{name} {'?' if version is None else version}" for name, version in found) or "none"
