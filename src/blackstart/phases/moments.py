"""The moment at which a fault fires: what the scenario asks for has happened, and the backups are as far as it says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

from blackstart.activities.backup_schedule import BackupSchedule, UnderWay
from blackstart.errors import NotConducted
from blackstart.phases.stage import Busy, Stage
from blackstart.scenario import After, Fault
from blackstart.stack import Role
from blackstart.waiting import poll

MISSED_AT_MOST = 10
NEARLY_COMPLETE = 0.7
"""Of its usual time: then a backup is about to be complete, and what is struck now ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The moment at which a fault fires."""

    words: str
    during: UnderWay | None = None
    """The backup that it must keep from completing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What a fault's moment is counted from."""

    began_s: float
    """When the gate was passed."""
    running: Mapping[str, str | None]
    """Which process ran each service then."""
    struck_s: dict[str, float]
    """When the witness of each fault that has an id has seen it."""


def begin(stage: Stage) -> Since:
    """From now on."""
    return Since(began_s=stage.clock.now(), running=_incarnations(stage), struck_s={})


def seize(stage: Stage, busy: Busy, number: int, since: Since, meanwhile: Callable[[], None]) -> tuple[Moment, float]:
    """Wait for a fault's moment; returns it, and when it was seized: from then on a failed backup is expected.

    `meanwhile` is called while it waits. NotConducted if the moment does not come.
    """
    fault, phase = stage.plan.scenario.faults[number], stage.plan.cycle_phases[number]
    for _ in range(MISSED_AT_MOST):
        moment = _wait(stage, busy, fault, since, phase, meanwhile)
        # A backup that has stopped a service starts it first, unless the fault is to strike just then.
        with busy.backups.uninterrupted() if busy.backups and moment.during is None else nullcontext():
            if number == 0 and _incarnations(stage) != _expected(busy, since):
                raise NotConducted("a service restarted before the fault: what happened then was nobody's drill")
            armed = stage.clock.now()
            if busy.backups is None:
                return moment, armed
            # What completes from here on is stamped with a later time than T0, and not used.
            busy.backups.expect_failures()
        if moment.during is None or busy.backups.under_way == moment.during:
            return moment, armed
        if number == 0:  # it was faster than the ones before: the next one, then
            busy.backups.expect_success()
    raise NotConducted(f"{MISSED_AT_MOST} backups completed before the fault could strike during one")


def _incarnations(stage: Stage) -> Mapping[str, str | None]:
    """Which process runs each service now."""
    return {s.name: stage.shop.engine.incarnation(s.name) for s in stage.plan.stack.services}


def _expected(busy: Busy, since: Since) -> Mapping[str, str | None]:
    """Which process should run each service: the one of then, or the one that a backup has started since."""
    return {**since.running, **(busy.backups.restarted if busy.backups else {})}


def _wait(
    stage: Stage, busy: Busy, fault: Fault, since: Since, phase: float | None, meanwhile: Callable[[], None]
) -> Moment:
    """Until the fault's moment."""
    roles = fault.strikes(stage.plan.stack)

    def due() -> Moment | None:
        busy.require_sound()
        meanwhile()
        if not _holds(fault.after, stage, busy.backups, since):
            return None
        if fault.during == "backup":
            return _nearly_complete(busy.backups, roles, stage.clock.now())
        return _in_phase(busy.backups, phase, stage.clock.now())

    stage.progress.say(f"waiting for the moment of {fault.kind}")
    # `within` is for what the scenario asks for; the phase of the cycle is ours to wait for.
    cycle_s = busy.backups.every_s * (1 + len(busy.backups.usual_s)) if busy.backups else 0.0
    moment = poll(due, within_s=fault.within + stage.plan.window_s + (cycle_s if phase or fault.during else 0.0))
    if moment is None:
        raise NotConducted(f"the moment of {fault.kind} did not come within {fault.within:.0f} s")
    return moment


def _holds(after: After, stage: Stage, backups: BackupSchedule | None, since: Since) -> bool:
    """Whether all that `after` asks for has happened."""
    if after.fault and after.fault not in since.struck_s:
        return False
    acked = [o.completed_s or 0.0 for o in stage.writes.operations() if o.acknowledged and o.client >= 0]
    now = stage.clock.now()
    counted_from = since.struck_s.get(after.fault, since.began_s)
    holds = now - since.began_s >= stage.plan.window_s and now - counted_from >= after.elapsed
    holds = holds and len(acked) >= after.acknowledged
    if backups is not None:
        cycles = backups.cycles_since(counted_from) if after.fault else backups.cycles
        holds = holds and cycles >= after.backups
        if after.since_backup is not None:
            last = backups.last_completed_s
            if last is None:
                return False
            holds = holds and sum(t > last for t in acked) >= after.since_backup.acknowledged
            holds = holds and now - last >= after.since_backup.elapsed
    return holds


def _in_phase(backups: BackupSchedule | None, phase: float | None, now: float) -> Moment | None:
    """Whether so much of the interval since the newest backup has passed; that moment."""
    if phase is None or backups is None:
        return Moment(words="as the scenario says")
    if backups.last_completed_s is None or now - backups.last_completed_s < phase * backups.every_s:
        return None
    part = (now - backups.last_completed_s) / backups.every_s
    words = f"{part:.0%} of the interval after the newest complete backup (at least {phase:.0%}, as the seed has drawn)"
    return Moment(words=words)


def _nearly_complete(backups: BackupSchedule | None, roles: Collection[Role], now: float) -> Moment | None:
    """Whether a backup of one of these roles is about to be complete, by the time that the last one took."""
    under_way = backups.under_way if backups else None
    usual = backups.usual_s.get(under_way.role) if backups and under_way else None
    if under_way is None or usual is None or under_way.role not in roles:
        return None
    part = (now - under_way.began_s) / usual
    words = f"during the backup {under_way.id}, at {part:.0%} of its usual time"
    return Moment(words=words, during=under_way) if part >= NEARLY_COMPLETE else None
