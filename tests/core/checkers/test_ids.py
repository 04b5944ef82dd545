"""Ids issued again, and ids that two survivors share."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.checkers.histories import GENERATED

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


@settings(max_examples=GENERATED)
@given(
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 3)),
    st.frozensets(st.sampled_from("abcde")),
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(1, 3), max_size=2)),
)
def test_findings_equal_the_definition(acknowledged: Mapping[str, int], lost: frozenset[str], rows: Rows) -> None:
    """Each operation beside each other one."""
    again, shared = ids.issued_again(acknowledged, lost, rows), ids.shared(acknowledged, lost, rows)

    def holds(op: str, number: int) -> bool:
        return number in rows.get(op, ()) or (op not in lost and acknowledged.get(op) == number)

    for op in "abcde":
        others = {o for o in "abcdef" if o != op and op in acknowledged and holds(o, acknowledged[op])}
        assert (op in lost and bool(others)) == (op in again)
        assert op not in again or again[op] in others
    for number in (1, 2, 3):
        pairs = {o for o in "abcdef" for p in "abcdef" if o != p and holds(o, number) and holds(p, number)}
        assert tuple(sorted(pairs)) == shared.get(number, ())
