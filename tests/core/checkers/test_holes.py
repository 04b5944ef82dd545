"""Holes: what was acknowledged before a survivor was invoked must survive with it."""

from __future__ import annotations

from random import Random

import pytest
from tests.core.builders import operation
from tests.core.checkers.histories import EACH, agree, done, operations, some

from blackstart.checkers.holes import holes
from blackstart.ledger import Operation

LOST = operation("lost", 1, 3)


@pytest.mark.parametrize(
    ("survived", "limit", "expected"),
    [
        pytest.param([], None, (), id="nobody-survived"),
        pytest.param([operation("b", 4, 5)], None, ("lost",), id="a-later-one"),
        pytest.param([operation("b", 3, 5)], None, (), id="invoked-in-the-same-moment"),
        pytest.param([operation("b", 2, 9)], None, (), id="a-concurrent-one-that-ended-later"),
        pytest.param([operation("b", 0, 2)], None, (), id="an-earlier-one"),
        pytest.param([operation("b", 4, 5, "info")], None, ("lost",), id="one-that-nobody-was-told-of"),
        pytest.param([operation("b", 4)], None, ("lost",), id="one-without-an-answer"),
        pytest.param([operation("b", 4, 5)], 4.0, (), id="invoked-when-the-artefact-was-begun"),
        pytest.param([operation("b", 4, 5)], 4.5, ("lost",), id="invoked-before-it-was-begun"),
    ],
)
def test_golden(survived: list[Operation], limit: float | None, expected: tuple[str, ...]) -> None:
    """One lost write beside one survivor."""
    assert expected == holes([LOST], survived, *([] if limit is None else [limit]))


Case = tuple[list[Operation], list[Operation], float]


def case(rng: Random) -> Case:
    """What was lost, what survived, and how far survivors count; each history has at least one of both."""
    while True:
        history = operations(rng, 7, least=2)
        there = some(rng, [o.id for o in history], 0.5)
        lost = [o for o in history if o.acknowledged and o.id not in there]
        survived = [o for o in history if o.id in there]
        if lost and survived:
            return lost, survived, rng.choice([3.0, 7.0, float("inf")])


def oracle(drawn: Case) -> tuple[str, ...]:
    """Each lost write beside each survivor."""
    lost, survived, limit = drawn
    return tuple(a.id for a in lost if any(done(a) < b.invoked_s < limit for b in survived))


def test_findings_equal_the_definition() -> None:
    """Where something was lost and something survived, in a thousand histories with a hole and as many without."""
    assert min(agree("holes", case, oracle, lambda drawn: holes(*drawn))) >= EACH
