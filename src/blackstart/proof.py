"""What a run must show before its green means anything: sound checks, witnesses, marks, and looks at every stage."""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.objectives import Measured
from blackstart.plan import Plan
from blackstart.record import RunRecord
from blackstart.verdict import CheckResult

_STAGES = {
    "gate": "before the fault",
    "verify": "behind the fence",
    "resume": "through the application",
    "final": "at the end",
}
_OF_A_RESTORE = ("backup-fresh", "artefact", "parse", "target-empty")
_MARKS = ("T0", "T1", "T2", "Tf", "T3", "T4", "T5", "T6", "T7")


def lacking(plan: Plan, record: RunRecord, measured: Measured, checks: tuple[CheckResult, ...]) -> Iterator[str]:
    """Why a run that looks green proves nothing."""
    if record.stopped and record.stopped.kind != "NotRecovered":
        yield record.stopped.message
    yield from record.failed_activities
    for check in checks:
        if check.outcome == "error":
            yield f"{check.name}{': ' + check.subject if check.subject else ''} could not run: {check.reason}"
        elif check.outcome == "fail" and check.stage == "gate":
            yield f"before the fault, {check.name}: {check.subject}: {check.reason}"
    for injection in record.injections:
        if injection.witness is None:
            yield f"no witness: nothing shows that {injection.fault} did anything to {injection.target}"
        elif injection.heals and injection.healed_at is None and "T6" in record.marks:
            yield f"{injection.fault} on {injection.target} was never taken back"
    if len(record.injections) < len(plan.scenario.faults):
        yield f"{len(record.injections)} of {len(plan.scenario.faults)} faults were injected"
    for name in measured.altered:
        yield f"{name} is not what it was when the run ended"
    if not record.stopped and not any(o.acknowledged and o.client >= 0 for o in measured.operations):
        yield "no write was ever acknowledged: customers could not buy"


def missing(plan: Plan, record: RunRecord, measured: Measured) -> Iterator[str]:
    """Stages and observations without which nothing is proven."""
    if not record.complete:
        yield "the run did not reach its end"
        return
    for stage, names in plan.checks.items():
        have = {seen.check for seen in record.observations if seen.stage == stage}
        for name in sorted(set(names) - have):
            yield f"{name} did not run: {_STAGES[stage]}"
    if plan.scenario.faults and measured.survivors is None:
        yield "nobody counted the survivors"
    if plan.scenario.faults and "T8" not in record.marks:
        yield "customers were not seen back in their rhythm"
    yield from _missing_recovery(plan, record)
    if not sum(record.seeded.values()):
        yield "nothing was seeded"


def _missing_recovery(plan: Plan, record: RunRecord) -> Iterator[str]:
    """Marks without which a figure is no measurement, and what is known of a backup that was restored."""
    unknown = [mark for mark in _MARKS if mark not in record.marks]
    if plan.scenario.faults and unknown:
        yield f"times are not known: the run has no mark {', '.join(unknown)}"
    for role, kind in plan.restores.items():
        if kind not in ("restart", "none") and role not in record.chosen:
            yield f"nothing says from which backup {role} was restored"
    looked = {(seen.check, seen.subject) for seen in record.observations}
    for wanted in ((name, role) for role in record.chosen for name in _OF_A_RESTORE):
        if wanted not in looked:
            yield f"{wanted[0]} did not run: {wanted[1]}"
