"""Resume: lift the fence, try the application, and wait until customers are back in their rhythm."""

from __future__ import annotations

from blackstart import timeline
from blackstart.activities.rounds import ROUND
from blackstart.errors import NotRecovered
from blackstart.ledger import Operation
from blackstart.phases.restore import as_recovery, remaining
from blackstart.phases.stage import Busy, Stage
from blackstart.waiting import poll


def lift(stage: Stage) -> None:
    """Start the app again."""
    stage.journal.mark("lift")
    with as_recovery("starting the app"):
        stage.shop.engine.start(stage.shop.service("app"))
    stage.progress.say("fence lifted")


def resumed(stage: Stage, busy: Busy, gate_s: float) -> None:
    """T8: the first window in which every harmed class of operation is back."""
    marks = stage.journal.marks
    t0, t7 = marks["T0"], marks["T7"]
    everything = _all(stage)
    asked = stage.plan.scenario.workload.operations_per_second
    before = {kind: _rate(everything, kind, gate_s, t0, asked) for kind in sorted(set(ROUND))}

    def back() -> float | None:
        now, operations = stage.clock.now(), _all(stage)
        # A class that fails only now is harmed as well, whether anybody tried it during the outage or not.
        classes = timeline.harmed(operations, t0, now) or tuple(before)
        return timeline.resumed_at(
            operations, classes=classes, before=before, t7=t7, until=now, window_s=stage.plan.window_s
        )

    t8 = poll(back, within_s=remaining(stage), every_s=0.1)
    harmed = timeline.harmed(_all(stage), t0, stage.clock.now())
    stage.journal.write("harmed", {"classes": harmed, "rates": before})
    if t8 is None:
        raise NotRecovered("customers were not back in their rhythm before the recovery deadline")
    stage.journal.mark("T8", t8)
    resolution = busy.probe.resolution(t0, t8)
    stage.journal.write("probe", {"resolution_s": resolution})
    stage.progress.say("customers are back")


def _rate(operations: list[Operation], kind: str, begin_s: float, end_s: float, asked: float) -> float:
    """Successes a second before the fault; a short stretch may show more than customers ever ask for."""
    nominal = asked * ROUND.count(kind) / len(ROUND)
    return min(timeline.rhythm(operations, kind, begin_s, end_s).rate, nominal)


def _all(stage: Stage) -> list[Operation]:
    return [*stage.writes.operations(), *stage.reads.operations()]
