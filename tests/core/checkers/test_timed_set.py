"""A set, read several times: last seen, first lost, never seen, stale, duplicated."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.builders import operation
from tests.core.checkers.histories import GENERATED, NAMES, operations

from blackstart.checkers import timed_set
from blackstart.checkers.timed_set import Read
from blackstart.ledger import Operation

A = operation("a", 1, 2)
UNSURE = operation("a", 1, 2, "info")


def read(began: float, *names: str, ended: float | None = None) -> Read:
    """A read that takes no time unless told otherwise."""
    return Read(
        began_s=began, ended_s=began if ended is None else ended, elements={name: names.count(name) for name in names}
    )


@pytest.mark.parametrize(
    ("added", "reads", "last_seen", "lost", "stale", "never"),
    [
        pytest.param(A, [], None, None, (), True, id="nobody-looked"),
        pytest.param(A, [read(3, "a"), read(5, "a")], 5, None, (), False, id="there-all-the-time"),
        pytest.param(A, [read(3), read(5)], None, 3, (), False, id="never-there"),
        pytest.param(A, [read(1)], None, None, (), True, id="read-before-the-acknowledgement"),
        pytest.param(A, [read(2)], None, None, (), True, id="read-begun-with-the-acknowledgement"),
        pytest.param(A, [read(1, ended=9)], None, None, (), True, id="read-that-overlaps-the-write"),
        pytest.param(A, [read(3, "a"), read(5), read(7)], 3, 5, (), False, id="lost-in-between"),
        pytest.param(A, [read(3), read(5, "a")], 5, None, (3,), False, id="stale"),
        pytest.param(A, [read(3), read(4), read(5, "a"), read(6)], 5, 6, (3, 4), False, id="stale-and-then-lost"),
        pytest.param(A, [read(5, "a"), read(3)], 5, None, (3,), False, id="reads-in-any-order"),
        pytest.param(UNSURE, [read(3), read(4)], None, None, (), False, id="unsure-and-never-there"),
        pytest.param(UNSURE, [read(3), read(4, "a")], 4, None, (), False, id="unsure-and-late"),
        pytest.param(UNSURE, [read(3, "a"), read(4)], 3, 4, (), False, id="unsure-seen-and-lost"),
        pytest.param(UNSURE, [read(3, "a", ended=5), read(4)], 3, None, (), False, id="unsure-by-overlapping-reads"),
    ],
)
def test_golden(
    added: Operation,
    reads: list[Read],
    last_seen: float | None,
    lost: float | None,
    stale: tuple[float, ...],
    never: bool,
) -> None:
    """One element through a few reads."""
    found = timed_set.check([added], reads)

    element = found.elements["a"]
    assert (last_seen, lost, stale) == (element.last_seen_s, element.lost_s, element.stale)
    assert (lost is not None, bool(stale), never) == ("a" in found.lost, "a" in found.stale, "a" in found.never_seen)


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        pytest.param([read(3, "a"), read(4, "a")], {}, id="once-in-each-read"),
        pytest.param([read(3, "a", "a")], {"a": 2}, id="twice-in-one"),
        pytest.param([read(3, "a", "a", "a"), read(4, "a")], {"a": 3}, id="the-most-of-any-read"),
        pytest.param([read(3, "x", "x")], {"x": 2}, id="nobody-added-it"),
    ],
)
def test_an_element_that_one_read_holds_more_than_once(reads: list[Read], expected: Mapping[str, int]) -> None:
    """Frequencies count within a read, and never sum over reads."""
    assert expected == timed_set.check([A], reads).duplicated


@st.composite
def looks(draw: st.DrawFn) -> list[Read]:
    """Up to four reads that may overlap, each with a multiset of elements."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        began = draw(st.integers(0, 16))
        elements = draw(st.dictionaries(st.sampled_from((*NAMES[:4], "stranger")), st.integers(0, 3)))
        found.append(Read(began_s=began, ended_s=began + draw(st.integers(0, 4)), elements=elements))
    return found


@settings(max_examples=GENERATED)
@given(operations(most=4), looks())
def test_findings_equal_the_definition(history: list[Operation], reads: list[Read]) -> None:
    """Each element beside each read, and each read that misses it beside each that holds it."""
    found = timed_set.check(history, reads)

    acked = {o.id: o.completed_s for o in history if o.acknowledged}
    for name in (*NAMES, "stranger"):
        holding = [r for r in reads if r.elements.get(name, 0) > 0]
        moments = [r.ended_s for r in holding] + [t for t in [acked.get(name)] if t is not None]
        missing = [r for r in reads if r not in holding and any(t < r.began_s for t in moments)]
        lost = [m.began_s for m in missing if all(h.began_s < m.began_s for h in holding)]
        stale = [m.began_s for m in missing if any(h.began_s >= m.began_s for h in holding)]
        assert bool(lost) == (name in found.lost)
        assert bool(stale) == (name in found.stale)
        assert (name in acked and not holding and not lost) == (name in found.never_seen)
        assert max((r.elements.get(name, 0) for r in reads), default=0) == found.duplicated.get(
            name, max((r.elements.get(name, 0) for r in reads if r.elements.get(name, 0) < 2), default=0)
        )
        if name in found.elements:
            element = found.elements[name]
            assert (min(lost, default=None), sorted(stale)) == (element.lost_s, list(element.stale))
            assert max((h.began_s for h in holding), default=None) == element.last_seen_s
