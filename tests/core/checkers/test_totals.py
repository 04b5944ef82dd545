"""Totals: an order's total is the sum of its items and what was paid."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from tests.core.checkers.histories import EACH, agree

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


def case(rng: Random) -> list[Order]:
    """Orders of a few cents that mostly balance."""
    orders = []
    for number in range(rng.randint(1, 5)):
        total = Decimal(rng.randint(0, 3)) / 100
        figures = [total if rng.random() < 0.9 else Decimal(rng.randint(0, 3)) / 100 for _ in range(3)]
        orders.append(Order(id=number, total=figures[0], items=figures[1], paid=figures[2]))
    return orders


def test_findings_equal_the_definition() -> None:
    """Three figures are one if the set of them has one element."""

    def oracle(orders: list[Order]) -> list[Order]:
        return [o for o in orders if len({o.total, o.items, o.paid}) > 1]

    assert min(agree("totals", case, oracle, lambda orders: list(unbalanced(orders)))) >= EACH
