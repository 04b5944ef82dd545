"""Detect and decide: the probe notices an outage; a silent accident is found by the check that the scenario names."""

from __future__ import annotations

from collections.abc import Sequence

from blackstart import registry
from blackstart.checks import base
from blackstart.checks.base import SeedEvidence
from blackstart.errors import NotConducted, NotRecovered
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.phases.stage import Busy, Stage
from blackstart.waiting import poll

DETECT_WITHIN_S = 30.0
LOOK_EVERY_S = 3.0
"""How often somebody looks for what nobody's customers complain of."""
FOUND_WITHIN_S = 60.0
MEANWHILE, MEANWHILE_WITHIN_S = 20, 10.0
"""Writes that customers get acknowledged before the first look: what goes unnoticed does so for a while."""


def detected(stage: Stage, seed: SeedEvidence, busy: Busy) -> None:
    """T1. Backups end then: nobody would go on overwriting good ones."""
    silent = [name for name in _expected(stage) if registry.checks()[name].STAGES]  # type: ignore[attr-defined]
    t1 = _by_checks(stage, seed, busy, silent) if silent else _by_probe(stage, busy)
    stage.journal.mark("T1", t1)
    for activity in (busy.backups, *busy.companions):
        if activity is not None:
            busy.all.let_end(activity)
    busy.require_sound()
    stage.progress.say("detected" + (f" by {', '.join(silent)}" if silent else ""))


def decided(stage: Stage) -> None:
    """T2: somebody decides to recover; here at once, when the injection is witnessed."""
    stage.journal.mark("T2")


def _expected(stage: Stage) -> Sequence[str]:
    """The checks that have to find something."""
    return tuple(dict.fromkeys(f.expect.detected_by for f in stage.plan.scenario.faults if f.expect))


def _by_probe(stage: Stage, busy: Busy) -> float:
    """When the probe confirmed an outage."""
    t0 = stage.journal.marks["T0"]
    t1 = poll(lambda: busy.probe.outage_since(t0), within_s=DETECT_WITHIN_S)
    if t1 is None:
        raise NotConducted(
            f"the fault had no effect that anybody saw within {DETECT_WITHIN_S:.0f} s",
            hint="nothing was recovered, so nothing was measured; of a silent one say `expect: {detected_by: CHECK}`",
        )
    return t1


def _by_checks(stage: Stage, seed: SeedEvidence, busy: Busy, names: Sequence[str]) -> float:
    """When the last of the checks had found something, and named it.

    Customers pause while somebody looks: the ledger is no match for writes that are under way.
    """
    t0, missing = stage.journal.marks["T0"], list(names)

    def traded() -> bool:
        busy.require_sound()
        since = (o for o in stage.writes.operations() if o.acknowledged and (o.completed_s or 0.0) > t0)
        return sum(1 for _ in since) >= MEANWHILE

    def found() -> bool:
        busy.require_sound()
        busy.customers.drain()
        try:
            missing[:] = [name for name in missing if not _find(stage, seed, name)]
        finally:
            busy.customers.go_on()
        return not missing

    poll(traded, within_s=MEANWHILE_WITHIN_S)  # unless the accident keeps them from it
    if not poll(found, within_s=FOUND_WITHIN_S, every_s=LOOK_EVERY_S):
        raise NotRecovered(f"nobody noticed: {missing[0]}, which was to find it, named nothing")
    return stage.clock.now()


def _find(stage: Stage, seed: SeedEvidence, name: str) -> list[Observation]:
    """What a check finds and names now; only that is written down."""
    check = registry.checks()[name]
    seen = base.run(check, stage.scene(seed, stage="detect"))
    found = [each for each in seen if outcome(each) == "fail" and each.differences]
    for each in found:
        stage.note(each)
    return found
