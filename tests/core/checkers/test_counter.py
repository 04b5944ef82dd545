"""A counter's bounds: sure increments and possible ones, with every repetition."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.builders import operation
from tests.core.checkers.histories import GENERATED, operations

from blackstart.checkers import counter
from blackstart.checkers.counter import Read
from blackstart.ledger import Operation


def bounds(history: list[Operation], amount: int, *, once: bool, began: float, ended: float) -> tuple[int, int]:
    """The bounds of a counter that began at 100."""
    return counter.bounds(100, [counter.increment(o, amount, once=once) for o in history], began, ended)


@pytest.mark.parametrize(
    ("history", "once", "expected"),
    [
        pytest.param([], False, (100, 100), id="nothing-happened"),
        pytest.param([operation("a", 1, 2)], False, (101, 101), id="acknowledged-before"),
        pytest.param([operation("a", 1, 10)], False, (100, 101), id="acknowledged-when-the-read-began"),
        pytest.param([operation("a", 11, 12)], False, (100, 101), id="invoked-while-the-read-went-on"),
        pytest.param([operation("a", 15, 16)], False, (100, 100), id="invoked-when-the-read-ended"),
        pytest.param([operation("a", 1, 2, "fail", failed=[2])], False, (100, 100), id="provably-not-done"),
        pytest.param([operation("a", 1, 2, "info", failed=[2])], False, (100, 101), id="one-attempt-without-answer"),
        pytest.param([operation("a", 1, 4, "info", failed=[2, 3, 4])], False, (100, 103), id="three-without-answer"),
        pytest.param([operation("a", 1, 4, "info", failed=[2, 3, 4])], True, (100, 101), id="recognised-repetitions"),
        pytest.param([operation("a", 1, 4, failed=[2, 3])], False, (101, 103), id="the-third-was-answered"),
        pytest.param([operation("a", 1, 4, failed=[2, 3])], True, (101, 101), id="the-third-was-recognised"),
        pytest.param([operation("a", 1)], False, (100, 101), id="still-under-way"),
        pytest.param([operation("a", 1, failed=[2])], False, (100, 102), id="under-way-for-the-second-time"),
        pytest.param([operation("a", 1, 30, failed=[16])], False, (100, 101), id="second-attempt-after-the-read"),
    ],
)
def test_golden(history: list[Operation], once: bool, expected: tuple[int, int]) -> None:
    """One operation, and a read from 10 to 15."""
    assert expected == bounds(history, 1, once=once, began=10, ended=15)


def test_stock_goes_down() -> None:
    """What takes away lowers the low end if it may have happened, and the high end if it surely did."""
    history = [operation("sure", 1, 2), operation("unsure", 1, 2, "info")]

    assert (94, 97) == bounds(history, -3, once=True, began=10, ended=15)


def test_what_a_restore_may_have_undone_is_not_sure() -> None:
    """It may be there all the same."""
    undone = counter.increment(operation("a", 1, 2), 1, once=True, kept=False)

    assert (100, 101) == counter.bounds(100, [undone], 10, 15)


def test_each_read_has_bounds_of_its_own() -> None:
    """A value that was right once is wrong later, and what is wrong says what would be right."""
    made = [
        counter.increment(operation("a", 1, 2), 1, once=True),
        counter.increment(operation("b", 5, 6), 1, once=True),
    ]
    reads = [Read(began_s=t, ended_s=t, value=101) for t in (3, 5.5, 7)]
    (out,) = counter.outside(100, made, reads)

    assert (reads[2], "101, must be from 102 to 102") == (out.read, str(out))


def outcomes(o: Operation, amount: int, *, once: bool, began: float, ended: float) -> set[int]:
    """All that one operation can have added by a read, attempt by attempt: each was carried out or was not."""
    begins = [o.invoked_s, *o.failed_attempts]
    if o.completed_s is not None and o.outcome == "info" and o.failed_attempts:
        begins.pop()  # after the last failure the customer gave up
    if o.outcome == "fail" and o.completed_s is not None:
        begins = []
    choices = product((0, 1), repeat=len([t for t in begins if t < ended]))
    counts = {sum(choice) for choice in choices}
    sure = o.outcome == "ok" and o.completed_s is not None and o.completed_s < began
    return {n * amount for n in counts if n >= sure and (n <= 1 or not once)}


@settings(max_examples=GENERATED)
@given(
    operations(most=4), st.sampled_from([1, 3, -2]), st.booleans(), st.integers(0, 15), st.integers(0, 3), st.integers()
)
def test_bounds_equal_the_definition(
    history: list[Operation], amount: int, once: bool, began: int, took: int, value: int
) -> None:
    """The lowest and the highest sum over all that may have happened."""
    each = [outcomes(o, amount, once=once, began=began, ended=began + took) for o in history]
    sums = {100 + sum(choice) for choice in product(*each)}
    made = [counter.increment(o, amount, once=once) for o in history]
    near = 100 + value % 21 - 10

    assert (min(sums), max(sums)) == counter.bounds(100, made, began, began + took)
    found = counter.outside(100, made, [Read(began_s=began, ended_s=began + took, value=near)])
    assert (near < min(sums) or near > max(sums)) == bool(found)
