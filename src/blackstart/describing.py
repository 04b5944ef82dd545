"""What a plan would do, in words: the resolved targets, and every step in its order; nothing is started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from blackstart import registry
from blackstart.activities.backup_schedule import procedure
from blackstart.engines.base import EngineKind
from blackstart.faults.base import Arranges, Heals, Injectable
from blackstart.plan import Plan
from blackstart.procedures.runbook import Runbook
from blackstart.scenario import Fault, ProcedureSpec
from blackstart.units import format_duration


def described(plan: Plan, kind: EngineKind) -> Iterator[str]:
    """A line for the scenario, one for each thing that is made, one for each step."""
    scenario = plan.scenario
    yield f"{scenario.name}: {scenario.title}"
    yield f"  engine {plan.engine}, seed {scenario.seed.scale} number {plan.seed}, names begin with {plan.project}"
    for service, port in plan.ports.items():
        yield f"  {service}: {kind.place_of(plan, service=service)} at 127.0.0.1:{port}"
    for volume in plan.stack.volumes:
        yield f"  {volume}: {kind.place_of(plan, volume=volume)}"
    for number, step in enumerate(_steps(plan, kind), start=1):
        yield f"  {number}. {step}"
    for check, why in scenario.verify.exclude.items():
        yield f"  leaves out {check}: {why}"


def _steps(plan: Plan, kind: EngineKind) -> Iterator[str]:
    scenario, app = plan.scenario, plan.stack.roles["app"].service
    for fault in scenario.faults:
        if isinstance(fault, Arranges):
            yield f"sets the stack up for {fault.kind}: {_target(fault)}"
    yield "brings the stack up, seeds it, lets customers buy" + (", makes backups" if plan.backup else "")
    for role, spec in scenario.backup.procedures.items() if scenario.backup else ():
        if steps := _runbook(spec):
            yield f"backs up {role} again and again by runbook{steps}"
    yield f"gate: {len(plan.checks.get('gate', ()))} checks must be green"
    if not scenario.faults:
        yield f"trades on, and checks once more at the end: {len(plan.checks.get('final', ()))} checks"
        return
    for number, fault in enumerate(scenario.faults):
        if fault.during not in ("restore", "verify"):
            yield f"breaks {_resolved(plan, kind, fault)} by {fault.kind}, {moment(fault, plan.cycle_phases[number])}"
            if fault.for_ is not None:
                yield f"heals {fault.kind} after {format_duration(fault.for_)}"
    finders = list(dict.fromkeys(fault.expect.detected_by for fault in scenario.faults if fault.expect))
    live = [name for name in finders if registry.checks()[name].STAGES]  # type: ignore[attr-defined]
    yield f"waits until {' and '.join(live)} has found it" if live else "waits until the probe notices"
    yield f"fence: stops {app}"
    for fault in scenario.faults:
        if isinstance(fault, Heals) and fault.for_ is None:
            yield f"heals {fault.kind} on {_target(fault)}"
    for name in finders:
        if name not in live:
            yield f"passes over backups that {name} finds spoilt"
    by = scenario.restore.procedures if scenario.restore else {}
    yield from (f"restores {role} by {name}{_runbook(by[role])}" for role, name in plan.restores.items())
    for fault in scenario.faults:
        if fault.during in ("restore", "verify"):
            yield f"strikes the recovery ({fault.during}): {fault.kind} on {_target(fault)}; then it starts over"
    yield f"verifies behind the fence: {len(plan.checks.get('verify', ()))} checks"
    yield f"lifts the fence: starts {app}, tries it, waits until customers are back"
    yield f"checks once more at the end: {len(plan.checks.get('final', ()))} checks"
    yield "takes everything down, judges, reports"


def _target(fault: Fault) -> str:
    return cast("Injectable", fault).target


def _resolved(plan: Plan, kind: EngineKind, fault: Fault) -> str:
    """A fault's target, and what that is on this engine."""
    places = [
        kind.place_of(plan, **{field: name})
        for field in ("service", "volume")
        if isinstance(name := getattr(fault, field, None), str)
    ]
    return _target(fault) + (f" ({', '.join(places)})" if places else "")


def moment(fault: Fault, phase: float | None) -> str:
    """When a fault fires, in words."""
    after, since = fault.after, fault.after.since_backup
    waits = [f"once {after.fault} has struck"] if after.fault else []
    waits += [f"after {format_duration(after.elapsed)}"] if after.elapsed else []
    waits += [f"after {after.acknowledged} acknowledged writes"] if after.acknowledged else []
    waits += [f"after {after.backups} backup cycles{' begun since' if after.fault else ''}"] if after.backups else []
    if since is not None:
        waits += [f"{since.acknowledged} acknowledged writes since the last one"] if since.acknowledged else []
        waits += [f"{format_duration(since.elapsed)} since the last one"] if since.elapsed else []
    waits += (
        [f"{phase:.0%} of the interval after the newest complete backup, as the seed has drawn"]
        if phase is not None
        else []
    )
    waits += ["just before a backup completes"] if fault.during else []
    return " and ".join(waits) or "as soon as customers trade"


def _runbook(spec: ProcedureSpec) -> str:
    """What a runbook would carry out, step by step; nothing of other procedures."""
    made = procedure(spec)
    return ": " + "; ".join(step.words() for step in made.steps) if isinstance(made, Runbook) else ""
