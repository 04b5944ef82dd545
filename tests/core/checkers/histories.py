"""Random histories for the checkers' property tests: few operations on a coarse grid of time, so that times tie."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from tests.core.builders import operation

from blackstart.ledger import Operation, Outcome

GENERATED = 1000
NAMES = tuple(f"o{number}" for number in range(8))


@st.composite
def operations(draw: st.DrawFn, most: int = 7, names: Sequence[str] = NAMES) -> list[Operation]:
    """Operations that overlap as they please, with any outcome or none, some of them after failed attempts."""
    made = []
    for number in range(draw(st.integers(0, most))):
        begun = draw(st.integers(0, 10))
        failed = sorted(draw(st.lists(st.integers(begun, 12), max_size=2)))
        done = draw(st.none() | st.integers(max([begun, *failed]), 14))
        outcome: Outcome = draw(st.sampled_from(("ok", "ok", "info", "fail")))
        made.append(operation(names[number], begun, done, outcome, failed=failed))
    return made


def done(o: Operation) -> float:
    """When an acknowledged operation was acknowledged."""
    assert o.completed_s is not None
    return o.completed_s
