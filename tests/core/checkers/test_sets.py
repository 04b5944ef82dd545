"""A set, read once: lost, unexpected and recovered elements."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from tests.core.builders import operation
from tests.core.checkers.histories import EACH, GENERATED, NAMES, agree, done, operations, some

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


Case = tuple[list[Operation], list[str]]
SETS: dict[str, Callable[[Operation | None, bool], bool]] = {
    "lost": lambda o, there: o is not None and o.outcome == "ok" and not there,
    "unexpected": lambda o, there: there and (o is None or o.outcome == "fail"),
    "recovered": lambda o, there: there and o is not None and o.outcome in ("info", None),
}
"""What an element is, by the operation that adds it and whether it is there."""


def case(rng: Random) -> Case:
    """A history and the elements of a read that found most of what may be there."""
    history, whole = operations(rng), rng.choice((0.6, 0.95))
    likely = {"ok": whole, "info": 0.5, "fail": 0.1, None: 0.5}
    elements = [o.id for o in history if rng.random() < likely[o.outcome]]
    return history, [*elements, *some(rng, ["stranger"], 0.1)]


@pytest.mark.parametrize("anomaly", SETS)
def test_findings_equal_the_definition(anomaly: str) -> None:
    """Element by element, operation by operation."""

    def oracle(drawn: Case) -> set[str]:
        history, elements = drawn
        adds = {o.id: o for o in history}
        return {n for n in (*NAMES, "stranger") if SETS[anomaly](adds.get(n), n in elements)}

    def checker(drawn: Case) -> set[str]:
        found = getattr(sets.check(*drawn), anomaly)
        assert len(found) == len(set(found))
        return set(found)

    assert min(agree(f"sets {anomaly}", case, oracle, checker)) >= EACH


def test_lost_elements_come_by_acknowledgement() -> None:
    """Whatever order they were invoked in."""
    rng = Random("order of the lost")
    for _ in range(GENERATED):
        history, elements = case(rng)
        times = {o.id: done(o) for o in history if o.acknowledged}
        lost = [times[name] for name in sets.check(history, elements).lost]
        assert sorted(lost) == lost
