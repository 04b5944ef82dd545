"""Inject: wait for each fault's moment, break something, and witness it; then detect and decide."""

from __future__ import annotations

from typing import cast

from blackstart.activities.backup_schedule import BackupSchedule
from blackstart.errors import NotConducted
from blackstart.faults.base import Injectable
from blackstart.phases.stage import Busy, Stage
from blackstart.scenario import After, Fault
from blackstart.waiting import poll

WITNESS_WITHIN_S = 10.0
DETECT_WITHIN_S = 30.0


def inject(stage: Stage, busy: Busy) -> None:
    """All faults, in their order, after enough calm to know the customers' rhythm; T0 is the first one's."""
    began = stage.clock.now()
    for number, fault in enumerate(stage.plan.scenario.faults):
        injectable = cast("Injectable", fault)
        # Before the wait: a moment that has come must not pass while a witness is planted.
        before = injectable.prepare(stage.shop)
        _wait(stage, busy, fault, began)
        _inject(stage, busy, injectable, number, before)


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
        busy.all.stop(busy.backups)
    busy.require_sound()
    stage.progress.say("detected")


def decided(stage: Stage) -> None:
    """T2: somebody decides to recover; here at once, when the injection is witnessed."""
    stage.journal.mark("T2")


def _wait(stage: Stage, busy: Busy, fault: Fault, began: float) -> None:
    def due() -> bool:
        busy.require_sound()
        return _holds(fault.after, stage, busy.backups, began)

    stage.progress.say(f"waiting for the moment of {fault.kind}")
    if not poll(due, within_s=fault.within + stage.plan.window_s):
        raise NotConducted(f"the moment of {fault.kind} did not come within {fault.within:.0f} s")


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


def _inject(stage: Stage, busy: Busy, fault: Injectable, number: int, before: object) -> None:
    """Note on disk, break, witness; the clock starts before the injector is called."""
    undo = {"id": f"fault-{number}", "fault": fault.NAME, "target": fault.target}
    stage.state.undo({**undo, "state": "recorded"})
    if busy.backups is not None:
        busy.backups.expect_failures()
    armed = stage.clock.now()
    stage.journal.write("injection", {"fault": fault.NAME, "target": fault.target}, t=armed)
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
