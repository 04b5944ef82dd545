"""How long customers waited, before the fault and after the recovery: a shop can be up and crawl."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
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
        own = [o for o in operations if o.op == kind]
        before = [waited(o) for o in succeeded(own, gates[0], record.marks["T0"])]
        after = [waited(o) for o in succeeded(own, record.marks["T8"], finals[0])]
        found[kind] = Latency(
            before_n=len(before), before_p95_s=p95(before), after_n=len(after), after_p95_s=p95(after)
        )
    return found


def succeeded(operations: Iterable[Operation], begin_s: float, end_s: float) -> list[Operation]:
    """The operations of customers that began and were acknowledged in [begin, end]."""
    return [
        o
        for o in operations
        if o.client >= 0
        and o.acknowledged
        and o.completed_s is not None
        and begin_s <= o.invoked_s
        and o.completed_s <= end_s
    ]


def waited(operation: Operation) -> float:
    """Seconds from its first attempt to its acknowledgement."""
    assert operation.completed_s is not None
    return operation.completed_s - operation.invoked_s


def p95(seconds: Iterable[float]) -> float | None:
    """By nearest rank: an observed value, not one between two; None of nothing."""
    ordered = sorted(seconds)
    return round(ordered[math.ceil(PERCENTILE * len(ordered)) - 1], 6) if ordered else None
