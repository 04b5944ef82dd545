"""Inject: wait for each fault's moment, break something, and witness it; then detect and decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from blackstart.activities.backup_schedule import BackupSchedule, UnderWay
from blackstart.errors import NotConducted
from blackstart.faults.base import Injectable
from blackstart.phases.stage import Busy, Stage
from blackstart.scenario import After, Fault
from blackstart.stack import Role
from blackstart.waiting import poll

WITNESS_WITHIN_S = 10.0
DETECT_WITHIN_S = 30.0
MISSED_AT_MOST = 10
NEARLY_COMPLETE = 0.7
"""Of its usual time: then a backup is about to be complete, and what is struck now ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The moment at which a fault fires."""

    words: str
    during: UnderWay | None = None
    """The backup that it must keep from completing."""


def inject(stage: Stage, busy: Busy) -> None:
    """All faults, in their order, after enough calm to know the customers' rhythm; T0 is the first one's."""
    began = stage.clock.now()
    running = _incarnations(stage)
    for number, fault in enumerate(stage.plan.scenario.faults):
        injectable = cast("Injectable", fault)
        # Before the wait: a moment that has come must not pass while a witness is planted.
        before = injectable.prepare(stage.shop)
        moment, armed = _armed(stage, busy, number, began, running)
        _inject(stage, injectable, number, before, moment, armed)


def detected(stage: Stage, busy: Busy) -> None:
    """T1: the probe confirmed an outage. Backups end: nobody would go on overwriting good ones."""
    t0 = stage.journal.marks["T0"]

    def seen() -> float | None:
        return busy.probe.outage_since(t0)

    t1 = poll(seen, within_s=DETECT_WITHIN_S)
    if t1 is None:
        raise NotConducted(
            f"the fault had no effect that anybody saw within {DETECT_WITHIN_S:.0f} s",
            hint="nothing was recovered, so nothing was measured",
        )
    stage.journal.mark("T1", t1)
    if busy.backups is not None:
        busy.all.let_end(busy.backups)
    busy.require_sound()
    stage.progress.say("detected")


def decided(stage: Stage) -> None:
    """T2: somebody decides to recover; here at once, when the injection is witnessed."""
    stage.journal.mark("T2")


def _incarnations(stage: Stage) -> Mapping[str, str | None]:
    """Which process runs each service now."""
    return {s.name: stage.shop.engine.incarnation(s.name) for s in stage.plan.stack.services}


def _armed(
    stage: Stage, busy: Busy, number: int, began: float, running: Mapping[str, str | None]
) -> tuple[Moment, float]:
    """A fault's moment, and when it was seized: from then on a failed backup is what one would expect."""
    fault, phase = stage.plan.scenario.faults[number], stage.plan.cycle_phases[number]
    for _ in range(MISSED_AT_MOST):
        moment = _wait(stage, busy, fault, began, phase)
        if number == 0 and _incarnations(stage) != running:
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


def _wait(stage: Stage, busy: Busy, fault: Fault, began: float, phase: float | None) -> Moment:
    """Until the fault's moment."""
    roles = fault.strikes(stage.plan.stack)

    def due() -> Moment | None:
        busy.require_sound()
        if not _holds(fault.after, stage, busy.backups, began):
            return None
        if fault.during:
            return _nearly_complete(busy.backups, roles, stage.clock.now())
        return _in_phase(busy.backups, phase, stage.clock.now())

    stage.progress.say(f"waiting for the moment of {fault.kind}")
    # `within` is for what the scenario asks for; the phase of the cycle is ours to wait for.
    cycle_s = busy.backups.every_s * (1 + len(busy.backups.usual_s)) if busy.backups else 0.0
    moment = poll(due, within_s=fault.within + stage.plan.window_s + (cycle_s if phase or fault.during else 0.0))
    if moment is None:
        raise NotConducted(f"the moment of {fault.kind} did not come within {fault.within:.0f} s")
    return moment


def _holds(after: After, stage: Stage, backups: BackupSchedule | None, began: float) -> bool:
    """Whether all that `after` asks for has happened."""
    acked = [o.completed_s or 0.0 for o in stage.writes.operations() if o.acknowledged and o.client >= 0]
    now = stage.clock.now()
    holds = now - began >= max(after.elapsed, stage.plan.window_s) and len(acked) >= after.acknowledged
    if backups is not None:
        holds = holds and backups.cycles >= after.backups
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


def _inject(stage: Stage, fault: Injectable, number: int, before: object, moment: Moment, armed: float) -> None:
    """Note on disk, break, witness; the clock starts before the injector is called."""
    undo = {"id": f"fault-{number}", "fault": fault.NAME, "target": fault.target}
    stage.state.undo({**undo, "state": "recorded"})
    stage.journal.write("injection", {"fault": fault.NAME, "target": fault.target, "moment": moment.words}, t=armed)
    if number == 0:
        stage.journal.mark("T0", armed)
    fault.inject(stage.shop)
    stage.state.undo({**undo, "state": "injected"})
    stage.progress.say(f"injected {fault.NAME} on {fault.target}")
    saw = poll(lambda: fault.witness(stage.shop, before), within_s=WITNESS_WITHIN_S)
    if saw is None:
        raise NotConducted(f"no witness: nothing shows that {fault.NAME} did anything to {fault.target}")
    stage.journal.write("witness", {"witness": saw})
    stage.journal.mark("T0w")
    # There is nothing to heal: the recovery itself undoes what this fault did.
    stage.state.undo({**undo, "state": "closed"})
