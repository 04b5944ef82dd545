"""The judge: a run's record in, its verdict out. It alone decides; it reads stored observations only.

fail > inconclusive > missed > pass: data that is proven wrong is wrong whatever else went amiss,
and a run that proves nothing may not claim that its data is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from blackstart import proof
from blackstart.checkers import versions
from blackstart.detection import detections, found_by
from blackstart.errors import ExitCode
from blackstart.evidence import Observation, Outcome
from blackstart.latency import Latency, compare
from blackstart.layers import climbed
from blackstart.objectives import Measured, recovery_point, recovery_time, unknown_point, unknown_time
from blackstart.plan import Plan
from blackstart.prediction import predict
from blackstart.record import Injection, RunRecord
from blackstart.units import format_duration
from blackstart.verdict import SCHEMA, CheckResult, Detection, Layer, Rpo, Rto, StoreRpo, Verdict, Word

T = TypeVar("T")

_MOST_REASONS = 12
_MOST_NAMED = 12
"""Of one check's differences; the report lists more, and the check counted them all."""
BEYOND = {
    "power loss": "SIGKILL does not test what an operating system had not yet written to disk",
}
"""What no layer of the ladder can show."""


def outcome(seen: Observation) -> Outcome:
    """What one observation means."""
    if seen.not_applicable:
        return "not_applicable"
    if seen.error:
        return "error"
    return "pass" if seen.expected == seen.actual and not seen.differences else "fail"


def judge(plan: Plan, record: RunRecord, measured: Measured) -> Verdict:
    """The verdict of a run that ended in any way at all."""
    checks = tuple(_result(seen) for seen in record.observations if seen.stage != "detect")
    found = tuple(_result(seen) for seen in record.observations if seen.stage == "detect")
    broken: list[str] = []
    rto = _guarded("the recovery time", lambda: recovery_time(plan, record, measured), unknown_time(plan), broken)
    rpo = _guarded("the recovery point", lambda: recovery_point(plan, record, measured), unknown_point(plan), broken)
    unknown: Mapping[str, Latency] = {}
    latencies = _guarded("latencies", lambda: _latencies(record, measured), unknown, broken)
    prediction = _guarded("the worst recovery point to expect", lambda: predict(plan, record), None, broken)
    nobody: tuple[Detection, ...] = ()
    noticed = _guarded("the detection", lambda: detections(record, found, measured, rpo), nobody, broken)
    failed = [
        *_failed(record, checks),
        *_unnoticed(record, found),
        *_loss_not_allowed(plan, rpo),
        *_lost_elsewhere(plan, rpo, measured),
    ]
    unproven = [*broken, *proof.lacking(plan, record, measured, checks)]
    if not failed and not record.stopped:
        unproven += proof.missing(plan, record, measured)
    missed = list(_missed(rto, rpo))
    ladder = climbed(plan, record, checks)
    word, code = _decide(record, failed, unproven, missed)
    return Verdict(
        schema=SCHEMA,
        run_id=plan.run_id,
        scenario=plan.scenario.name,
        engine=plan.engine,
        started=record.began,
        finished=record.last_at,
        verdict=word,
        exit_code=int(code),
        reasons=tuple(_shorten([*failed, *unproven, *missed]) or _why_green(plan, rpo)),
        rto=rto,
        rpo=rpo,
        prediction=prediction,
        latency=latencies,
        injections=tuple(_injection(each) for each in record.injections),
        detections=noticed,
        backup=_backup(record),
        checks=checks,
        layers=ladder,
        images=record.images,
        not_tested=tuple(_not_tested(checks, ladder)),
        leftovers=record.leftovers,
        checkers=versions(),
    )


def _injection(injection: Injection) -> Mapping[str, str | None]:
    """As the verdict has it."""
    return {
        "fault": injection.fault,
        "target": injection.target,
        "family": injection.family,
        "at": injection.at,
        "moment": injection.moment,
        "witness": injection.witness,
        "healed": injection.healed_at,
    }


def _latencies(record: RunRecord, measured: Measured) -> Mapping[str, Latency]:
    return compare(record, [*measured.operations, *measured.reads])


def _guarded(what: str, compute: Callable[[], T], otherwise: T, broken: list[str]) -> T:
    """What a computation over stored evidence says; if it crashes, `otherwise`, and the run proves nothing."""
    try:
        return compute()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the evidence was not judged
        broken.append(f"{what} could not be judged: {type(error).__name__}: {error}")
        return otherwise


def _decide(record: RunRecord, failed: list[str], unproven: list[str], missed: list[str]) -> tuple[Word, ExitCode]:
    stopped = record.stopped.kind if record.stopped else ""
    word: Word = "fail" if failed else "inconclusive" if unproven else "missed" if missed else "pass"
    if stopped == "Interrupted":
        return ("fail" if failed else "inconclusive"), ExitCode.INTERRUPTED
    if stopped == "Bug":
        return ("fail" if failed else "inconclusive"), ExitCode.BUG
    code = {
        "fail": ExitCode.DATA_WRONG,
        "inconclusive": ExitCode.INCONCLUSIVE,
        "missed": ExitCode.OBJECTIVE_MISSED,
        "pass": ExitCode.LEFTOVERS if record.leftovers else ExitCode.PASS,
    }[word]
    return word, code


def _result(seen: Observation) -> CheckResult:
    what = outcome(seen)
    reason = seen.error or seen.not_applicable
    if what == "fail":
        reason = _named(seen) or f"expected {seen.expected}, found {seen.actual}"
    return CheckResult(
        name=seen.check,
        layer=seen.layer,
        subject=seen.subject,
        stage=seen.stage,
        outcome=what,
        expected=seen.expected,
        actual=seen.actual,
        reason=reason,
        differences=tuple(seen.differences),
        warnings=tuple(seen.warnings),
        took_s=seen.took_s,
    )


def _named(seen: Observation) -> str:
    """An observation's first differences, and how many there are beside them."""
    names = seen.differences[:_MOST_NAMED]
    rest = max(seen.differing, len(seen.differences)) - len(names)
    return "; ".join([*names, f"… and {rest} more"] if rest else names)


def _failed(record: RunRecord, checks: tuple[CheckResult, ...]) -> Iterator[str]:
    """Data that is wrong after the recovery, or a shop that did not come back.

    A check that is red at the gate says that the drill had no sound start, not that a restore failed.
    """
    for check in checks:
        if check.outcome == "fail" and check.stage != "gate":
            yield f"{check.name}: {check.subject}: {check.reason}"
    if record.stopped and record.stopped.kind == "NotRecovered":
        yield record.stopped.message


def _unnoticed(record: RunRecord, found: tuple[CheckResult, ...]) -> Iterator[str]:
    """A silent accident that the check named for it did not find, or did not name."""
    if record.stopped:
        return
    for injection in record.injections:
        if injection.expect and not found_by(injection, found):
            what = f" and name {injection.names}" if injection.names else ""
            yield f"{injection.fault} on {injection.target}: {injection.expect}, which was to find it{what}, did not"


def _loss_not_allowed(plan: Plan, rpo: Rpo) -> Iterator[str]:
    """Loss that no objective covers: no objective was given, or it is no lost tail."""
    if rpo.holes:
        yield f"{rpo.holes} writes were lost that precede a surviving one"
    lost = sum(store.lost for store in rpo.stores.values() if _matters(store))
    if plan.scenario.objectives.rpo is None and lost:
        yield f"{lost} acknowledged writes were lost, and no RPO objective allows any"


def _lost_elsewhere(plan: Plan, rpo: Rpo, measured: Measured) -> Iterator[str]:
    """Loss in a store that no fault damaged: no objective was made for that."""
    for name, store in rpo.stores.items():
        # An upload without its row is lost as well, so uploads may go with the database.
        if store.lost and name not in plan.damaged and not (name == "uploads" and "database" in plan.damaged):
            yield f"{store.lost} acknowledged writes of {name} were lost, which no fault damaged"
    if "uploads" in rpo.stores and "database" not in plan.damaged and measured.survivors is not None:
        rowless = set(rpo.stores["uploads"].lost_operations) - set(measured.survivors["rows"])
        if rowless:
            yield f"{len(rowless)} uploads lost their rows in the database, which no fault damaged"
    if "uploads" in rpo.stores and "uploads" not in plan.damaged and measured.survivors is not None:
        fileless = set(rpo.stores["uploads"].lost_operations) & set(measured.survivors["rows"])
        if fileless:
            yield f"{len(fileless)} uploads lost their files, which no fault damaged"


def _missed(rto: Rto, rpo: Rpo) -> Iterator[str]:
    if rto.objective_s is not None and rto.actual_s is not None and rto.actual_s > rto.objective_s:
        sign = "> " if rto.censored else ""
        yield f"RTO {sign}{format_duration(rto.actual_s)}, objective {format_duration(rto.objective_s)}"
    for name, store in rpo.stores.items():
        actual = store.actual_s or 0.0
        if rpo.objective_s is not None and _matters(store) and actual > rpo.objective_s:
            yield f"RPO of {name} {format_duration(actual)}, objective {format_duration(rpo.objective_s)}"


def _matters(store: StoreRpo) -> bool:
    """Temporary data may be lost; the report counts it all the same."""
    return store.data_class in ("critical", "important")


def _why_green(plan: Plan, rpo: Rpo) -> list[str]:
    left_out = ", ".join(plan.scenario.verify.exclude)
    every = f"every check but what is left out ({left_out})" if left_out else "every check"
    if not plan.scenario.faults:
        return [f"without a fault, {every} is green and every acknowledged write is there"]
    what = "nothing acknowledged was lost"
    if rpo.lost:
        temporary = not any(store.lost for store in rpo.stores.values() if _matters(store))
        allowed = "all of temporary data" if temporary else "within the RPO objective"
        what = f"{rpo.lost} acknowledged writes were lost, {allowed}"
    return [f"recovered and proven: {every} is green, {what}"]


def _backup(record: RunRecord) -> Mapping[str, Any]:
    """The backup that was restored; several roles' under `others`."""
    chosen = [b for role, b_id in record.chosen.items() for b in record.backups if (b.role, b.id) == (role, b_id)]
    if not chosen:
        return {}
    facts = [{"role": b.role, "id": b.id, "completed": b.at, "bytes": b.bytes, "sha256": b.sha256} for b in chosen]
    return {**facts[0], "others": facts[1:]} if len(facts) > 1 else facts[0]


def _not_tested(checks: tuple[CheckResult, ...], layers: tuple[Layer, ...]) -> Iterator[Mapping[str, str]]:
    skipped = [check for check in checks if check.outcome == "not_applicable"]
    # Each once, at whatever number of stages it was passed over.
    for what, reason in dict.fromkeys((f"{check.name}: {check.subject}", check.reason) for check in skipped):
        yield {"what": what, "reason": reason}
    for layer in layers:
        if layer.outcome == "not_run" and not any(check.layer == layer.layer for check in checks):
            yield {"what": f"layer {layer.layer}: {layer.what}", "reason": layer.reason}
    for what, reason in BEYOND.items():
        yield {"what": what, "reason": reason}


def _shorten(reasons: list[str]) -> list[str]:
    """Each once, in order, and not endlessly many."""
    unique = list(dict.fromkeys(reasons))
    rest = len(unique) - _MOST_REASONS
    return unique if rest <= 0 else [*unique[:_MOST_REASONS], f"… and {rest} more"]
