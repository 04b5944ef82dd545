"""Marks, phases and the recovery time: from the moment of harm to the shop's old rhythm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blackstart.ledger import Operation

PHASES = {
    "detect": ("T0", "T1"),
    "decide": ("T1", "T2"),
    "provision": ("T2", "T3"),
    "restore": ("T3", "T4"),
    "start": ("T4", "T5"),
    "verify": ("T5", "T6"),
    "resume": ("T6", "T8"),
}
"""Contiguous, so that they sum to T8 − T0."""

MIN_WINDOW_S = 2.0
IN_A_WINDOW = 4
"""So many operations of the rarest class must a window have room for, or chance would decide."""
MIN_SUCCESS = 0.95
MIN_RATE = 0.80
_STEP_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What customers did in a stretch of time, for one class of operation."""

    succeeded: int
    failed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Successes a second."""
        return self.succeeded / self.seconds if self.seconds > 0 else 0.0

    @property
    def success(self) -> float:
        """The part of completed operations that succeeded; 0 if none completed."""
        total = self.succeeded + self.failed
        return self.succeeded / total if total else 0.0


def rhythm(operations: Sequence[Operation], kind: str, begin_s: float, end_s: float) -> Rhythm:
    """The customers' operations of a class that completed in [begin, end); probe writes do not count."""
    done = [
        o
        for o in operations
        if o.op == kind and o.client >= 0 and o.completed_s is not None and begin_s <= o.completed_s < end_s
    ]
    succeeded = sum(o.acknowledged for o in done)
    return Rhythm(succeeded=succeeded, failed=len(done) - succeeded, seconds=end_s - begin_s)


def harmed(operations: Sequence[Operation], t0: float, until: float) -> tuple[str, ...]:
    """The customers' classes of operation with a failed attempt since T0."""
    failed = {o.op for o in operations if o.client >= 0 and any(t0 <= t <= until for t in o.failed_attempts)}
    return tuple(sorted(failed))


def resumed_at(
    operations: Sequence[Operation],
    *,
    classes: Sequence[str],
    before: Mapping[str, float],
    t7: float,
    until: float,
    window_s: float,
) -> float | None:
    """T8: the start of the first window after T7 in which every harmed class is back in its rhythm.

    Back means 95% success and 80% of its rate before the fault. None: no such window ended by `until`.
    """
    start = t7
    while start + window_s <= until:
        windows = {kind: rhythm(operations, kind, start, start + window_s) for kind in classes}
        if all(w.success >= MIN_SUCCESS and w.rate >= MIN_RATE * before[kind] for kind, w in windows.items()):
            return start
        start += _STEP_S
    return None


def phases(marks: Mapping[str, float]) -> dict[str, float] | None:
    """Each phase's seconds; None unless the run got from T0 to T8."""
    if not all(mark in marks for ends in PHASES.values() for mark in ends):
        return None
    return {name: marks[end] - marks[begin] for name, (begin, end) in PHASES.items()}
