"""How long customers waited, before the fault and after the recovery: a shop can be up and crawl."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blackstart.ledger import Operation
from blackstart.record import RunRecord

PERCENTILE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """One class of operation: how many succeeded, and the 95th percentile of their seconds."""

    before_n: int
    before_p95_s: float | None
    after_n: int
    after_p95_s: float | None


def compare(record: RunRecord, operations: Sequence[Operation]) -> Mapping[str, Latency]:
    """By class: from the gate to T0, and from T8 to the customers' end; empty unless both were reached."""
    gates = [span.end_s for span in record.spans if span.name == "gate"]
    finals = [span.begin_s for span in record.spans if span.name == "final"]
    if not (gates and finals and gates[0] and {"T0", "T8"} <= record.marks.keys()):
        return {}
    found = {}
    for kind in sorted({o.op for o in operations if o.client >= 0}):
        before = _waited(operations, kind, gates[0], record.marks["T0"])
        after = _waited(operations, kind, record.marks["T8"], finals[0])
        found[kind] = Latency(
            before_n=len(before), before_p95_s=_p95(before), after_n=len(after), after_p95_s=_p95(after)
        )
    return found


def _waited(operations: Sequence[Operation], kind: str, begin_s: float, end_s: float) -> list[float]:
    """Seconds of each operation of customers that began and succeeded in [begin, end]."""
    return [
        o.completed_s - o.invoked_s
        for o in operations
        if o.op == kind
        and o.client >= 0
        and o.acknowledged
        and o.completed_s is not None
        and begin_s <= o.invoked_s
        and o.completed_s <= end_s
    ]


def _p95(seconds: Sequence[float]) -> float | None:
    """By nearest rank: an observed value, not one between two."""
    ordered = sorted(seconds)
    return round(ordered[math.ceil(PERCENTILE * len(ordered)) - 1], 6) if ordered else None
