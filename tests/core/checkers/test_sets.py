"""A set, read once: lost, unexpected and recovered elements."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.builders import operation
from tests.core.checkers.histories import GENERATED, NAMES, done, operations

from blackstart.checkers import sets
from blackstart.ledger import Operation

HISTORY = [
    operation("late", 1, 9),
    operation("early", 2, 4),
    operation("failed", 2, 3, "fail"),
    operation("unsure", 3, 5, "info"),
    operation("silent", 1),
]


@pytest.mark.parametrize(
    ("elements", "lost", "unexpected", "recovered"),
    [
        pytest.param(["late", "early"], (), (), (), id="all-there"),
        pytest.param([], ("early", "late"), (), (), id="all-lost-by-acknowledgement"),
        pytest.param(["late"], ("early",), (), (), id="one-lost"),
        pytest.param(["late", "early", "failed"], (), ("failed",), (), id="a-write-that-failed"),
        pytest.param(["late", "early", "who"], (), ("who",), (), id="a-stranger"),
        pytest.param(["late", "early", "unsure"], (), (), ("unsure",), id="no-clear-answer-and-there"),
        pytest.param(["late", "early", "unsure", "silent"], (), (), ("silent", "unsure"), id="by-invocation"),
    ],
)
def test_golden(
    elements: list[str], lost: tuple[str, ...], unexpected: tuple[str, ...], recovered: tuple[str, ...]
) -> None:
    """Histories small enough to see through."""
    assert sets.Found(lost=lost, unexpected=unexpected, recovered=recovered) == sets.check(HISTORY, elements)


@settings(max_examples=GENERATED)
@given(operations(), st.frozensets(st.sampled_from((*NAMES, "stranger"))))
def test_findings_equal_the_definition(history: list[Operation], elements: Collection[str]) -> None:
    """Element by element, operation by operation."""
    found = sets.check(history, elements)

    for name in (*NAMES, "stranger"):
        own = [o for o in history if o.id == name]
        sure = any(o.outcome == "ok" for o in own)
        maybe = any(o.outcome in ("info", None) for o in own)
        assert (sure and name not in elements) == (name in found.lost)
        assert (name in elements and not sure and not maybe) == (name in found.unexpected)
        assert (name in elements and maybe) == (name in found.recovered)
    times = {o.id: done(o) for o in history if o.acknowledged}
    assert sorted(times[name] for name in found.lost) == [times[name] for name in found.lost]
