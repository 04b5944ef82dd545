"""Rows about money: orders, their lines, and the payment for each."""

import string
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from blackstart.seeding.catalogue import money, prices
from blackstart.seeding.people import Row
from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, ascending, skewed, stream
from blackstart.seeding.scale import Scale
from blackstart.seeding.vocabulary import Vocabulary

ORDERS = ("order_id", "customer_id", "status", "total", "currency", "placed_at", "op_id")
ORDER_ITEMS = ("order_id", "line_no", "product_id", "quantity", "unit_price", "op_id")
PAYMENTS = ("payment_id", "order_id", "method", "card_token", "amount", "paid_at", "op_id")

_METHODS = ("card", "card", "card", "wallet", "sepa_debit")


class _Line(NamedTuple):
    product_id: int
    quantity: int
    unit_cents: int


class _Sale(NamedTuple):
    order_id: int
    customer_id: int
    status: str
    placed_at: datetime
    lines: list[_Line]

    @property
    def cents(self) -> int:
        return sum(line.quantity * line.unit_cents for line in self.lines)


def orders(scale: Scale, seed: int, _: Vocabulary) -> Iterator[Row]:
    """Yield `ORDERS` rows, ids from 1 in order of time; the total is the sum of the lines, to the cent."""
    for sale in _sales(scale, seed):
        yield (sale.order_id, sale.customer_id, sale.status, money(sale.cents), "EUR", sale.placed_at, None)


def order_items(scale: Scale, seed: int, _: Vocabulary) -> Iterator[Row]:
    """Yield `ORDER_ITEMS` rows: one to five different products an order, lines numbered from 1."""
    for sale in _sales(scale, seed):
        for line_no, line in enumerate(sale.lines, start=1):
            yield (sale.order_id, line_no, line.product_id, line.quantity, money(line.unit_cents), None)


def payments(scale: Scale, seed: int, _: Vocabulary) -> Iterator[Row]:
    """Yield `PAYMENTS` rows: exactly one an order, of its total, taken within two minutes."""
    rng = stream(seed, "payments")
    for sale in _sales(scale, seed):
        # Letters only: a run of digits could pass for a card number, which a shop must never keep.
        token = "tok_" + "".join(rng.choices(string.ascii_lowercase, k=24))
        paid_at = sale.placed_at + timedelta(seconds=1 + rng.random() * 119)
        yield (sale.order_id, sale.order_id, rng.choice(_METHODS), token, money(sale.cents), paid_at, None)


def _sales(scale: Scale, seed: int) -> Iterator[_Sale]:
    """Yield the same sales each time: three tables are made from them, and none is held in memory."""
    rng = stream(seed, "sales")
    price = prices(scale, seed)
    # The last order leaves its payment time to arrive before the epoch.
    last = EPOCH - timedelta(minutes=5)
    for order_id, placed_at in enumerate(ascending(rng, scale.orders, FIRST_ORDER, last), start=1):
        # Some customers and some products are much more popular than others.
        customer_id = 1 + int(skewed(rng) * scale.customers)
        wanted = rng.choice((1, 1, 2, 2, 3, 3, 4, 5))
        # A dict keeps the order of its keys, which a set would not.
        bought = dict.fromkeys(1 + int(skewed(rng) * scale.products) for _ in range(wanted))
        lines = [_Line(product, rng.choice((1, 1, 1, 2, 2, 3)), price[product - 1]) for product in bought]
        yield _Sale(order_id, customer_id, _status(rng, placed_at), placed_at, lines)


def _status(rng: Random, placed_at: datetime) -> str:
    """Return how far an order has come by the epoch: the younger, the less."""
    age = EPOCH - placed_at
    if age < timedelta(days=2):
        return rng.choice(("placed", "paid"))
    if age < timedelta(days=10):
        return rng.choice(("paid", "paid", "shipped", "shipped", "cancelled"))
    return "cancelled" if rng.random() < 0.06 else "delivered"
