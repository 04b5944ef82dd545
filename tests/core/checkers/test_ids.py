"""Ids issued again, and ids that two survivors share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

import pytest
from tests.core.checkers.histories import EACH, agree, some

from blackstart.checkers import ids

Rows = Mapping[str, Collection[int]]


@pytest.mark.parametrize(
    ("acknowledged", "lost", "rows", "again", "shared"),
    [
        pytest.param({"a": 1, "b": 2}, "", {"a": [1], "b": [2]}, {}, {}, id="each-its-own"),
        pytest.param({"a": 1, "b": 1}, "a", {"b": [1]}, {"a": "b"}, {}, id="issued-again"),
        pytest.param({"a": 1}, "a", {"b": [1]}, {"a": "b"}, {}, id="issued-again-to-one-that-was-never-answered"),
        pytest.param({"a": 1, "b": 1}, "ab", {}, {}, {}, id="both-lost"),
        pytest.param({"a": 1, "b": 1}, "ab", {"c": [1]}, {"a": "c", "b": "c"}, {}, id="issued-a-third-time"),
        pytest.param({"a": 1, "b": 1}, "", {"a": [1]}, {}, {1: ("a", "b")}, id="two-answers"),
        pytest.param({"a": 1, "b": 2}, "", {"a": [1], "b": [1]}, {}, {1: ("a", "b")}, id="a-row-of-another's"),
        pytest.param({}, "", {"a": [1], "b": [1]}, {}, {1: ("a", "b")}, id="two-rows-of-one-id"),
        pytest.param({"a": 1}, "", {"a": [1, 2]}, {}, {}, id="two-rows-of-one-operation"),
    ],
)
def test_golden(
    acknowledged: Mapping[str, int], lost: str, rows: Rows, again: Mapping[str, str], shared: Mapping[int, object]
) -> None:
    """Histories small enough to see through."""
    assert again == ids.issued_again(acknowledged, set(lost), rows)
    assert shared == ids.shared(acknowledged, set(lost), rows)


Case = tuple[dict[str, int], frozenset[str], dict[str, list[int]]]
NUMBERS = range(1, 8)


def case(rng: Random) -> Case:
    """Operations that mostly have a number of their own, some lost, and rows that mostly have the right one."""
    own = rng.choice((0.7, 0.97))
    numbers = {op: n if rng.random() < own else rng.choice(NUMBERS) for n, op in enumerate("abcdef", 1)}
    acknowledged = {op: numbers[op] for op in some(rng, "abcde", 0.8)}
    lost = frozenset(some(rng, "abcde", 0.4))
    rows = {op: [numbers[op]] for op in some(rng, "abcdef", 0.7) if op not in lost}
    if rng.random() < 0.3:
        rows.setdefault(rng.choice("abcdef"), []).append(rng.choice(NUMBERS))
    return acknowledged, lost, rows


def holders(drawn: Case, number: int) -> set[str]:
    """Who has a number: by a row, or by an answer if it is not lost."""
    acknowledged, lost, rows = drawn
    return {op for op in "abcdef" if number in rows.get(op, ()) or (op not in lost and acknowledged.get(op) == number)}


def test_issued_again_equals_the_definition() -> None:
    """Each lost operation beside each other one; whichever of several is named has the number."""

    def oracle(drawn: Case) -> set[str]:
        acknowledged, lost, _ = drawn
        return {op for op in lost & acknowledged.keys() if holders(drawn, acknowledged[op]) - {op}}

    def checker(drawn: Case) -> set[str]:
        again = ids.issued_again(*drawn)
        assert all(other in holders(drawn, drawn[0][op]) - {op} for op, other in again.items())
        return set(again)

    assert min(agree("issued again", case, oracle, checker)) >= EACH


def test_shared_equals_the_definition() -> None:
    """Each number beside each pair of operations."""

    def oracle(drawn: Case) -> dict[int, tuple[str, ...]]:
        having = {number: tuple(sorted(holders(drawn, number))) for number in NUMBERS}
        return {number: ops for number, ops in having.items() if len(ops) > 1}

    assert min(agree("shared", case, oracle, lambda drawn: ids.shared(*drawn))) >= EACH
