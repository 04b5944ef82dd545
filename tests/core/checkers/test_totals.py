"""Totals: an order's total is the sum of its items and what was paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.checkers.histories import GENERATED

from blackstart.checkers.totals import Order, unbalanced


def order(number: int, total: str, items: str, paid: str) -> Order:
    """An order's three figures."""
    return Order(id=number, total=Decimal(total), items=Decimal(items), paid=Decimal(paid))


@pytest.mark.parametrize(
    ("figures", "wrong"),
    [
        pytest.param(("10.00", "10.00", "10.00"), False, id="all-equal"),
        pytest.param(("10.00", "10", "10.0"), False, id="trailing-zeros-are-no-money"),
        pytest.param(("10.00", "9.99", "10.00"), True, id="an-item-too-little"),
        pytest.param(("10.00", "10.00", "0"), True, id="not-paid"),
        pytest.param(("10.00", "10.00", "20.00"), True, id="paid-twice"),
        pytest.param(("10.01", "10.00", "10.00"), True, id="another-total"),
        pytest.param(("0", "0", "0"), False, id="nothing-for-nothing"),
    ],
)
def test_golden(figures: tuple[str, str, str], wrong: bool) -> None:
    """One order."""
    made = order(1, *figures)

    assert ((made,) if wrong else ()) == unbalanced([made])


FIGURE = st.integers(0, 3).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=GENERATED)
@given(st.lists(st.builds(Order, id=st.integers(), total=FIGURE, items=FIGURE, paid=FIGURE), max_size=6))
def test_findings_equal_the_definition(orders: list[Order]) -> None:
    """Three figures are one if the set of them has one element."""
    assert [o for o in orders if len({o.total, o.items, o.paid}) > 1] == list(unbalanced(orders))
