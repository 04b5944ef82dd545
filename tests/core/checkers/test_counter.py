"""A counter's bounds: sure increments and possible ones, with every repetition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from random import Random

import pytest
from tests.core.builders import operation
from tests.core.checkers.histories import EACH, GENERATED, agree, operations

from blackstart.checkers import counter
from blackstart.checkers.counter import Increment, Read
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


@dataclass(frozen=True)
class Case:
    """A counter that began at 100, and one read of it."""

    history: list[Operation]
    amount: int
    once: bool
    read: Read

    @property
    def sums(self) -> set[int]:
        """All values that the read can have found: the sums over all that may have happened."""
        began, ended = self.read.began_s, self.read.ended_s
        each = [outcomes(o, self.amount, once=self.once, began=began, ended=ended) for o in self.history]
        return {100 + sum(choice) for choice in product(*each)}

    @property
    def increments(self) -> list[Increment]:
        """What the checker is told of the operations."""
        return [counter.increment(o, self.amount, once=self.once) for o in self.history]


def case(rng: Random) -> Case:
    """A read whose value is near what is possible."""
    began = rng.randint(2, 15)
    read = Read(began_s=began, ended_s=began + rng.randint(0, 3), value=0)
    drawn = Case(operations(rng, 4), rng.choice((1, 3, -2)), rng.random() < 0.5, read)
    near = rng.choice((min, max))(drawn.sums) + rng.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 3))
    return replace(drawn, read=replace(read, value=near))


@pytest.mark.parametrize("side", ["below", "above"])
def test_findings_equal_the_definition(side: str) -> None:
    """A value beyond the lowest or the highest sum, with the bounds that are named."""

    def oracle(drawn: Case) -> list[tuple[int, int]]:
        low, high, value = min(drawn.sums), max(drawn.sums), drawn.read.value
        return [(low, high)] if (value < low if side == "below" else value > high) else []

    def checker(drawn: Case) -> list[tuple[int, int]]:
        found = counter.outside(100, drawn.increments, [drawn.read])
        return [(o.low, o.high) for o in found if (o.read.value < o.low) == (side == "below")]

    assert min(agree(f"counter {side}", case, oracle, checker)) >= EACH


def test_bounds_equal_the_definition() -> None:
    """The lowest and the highest sum, whatever was read."""
    rng = Random("bounds")
    for _ in range(GENERATED):
        drawn = case(rng)
        found = counter.bounds(100, drawn.increments, drawn.read.began_s, drawn.read.ended_s)
        assert (min(drawn.sums), max(drawn.sums)) == found
