"""Rows about money: orders, their lines, and the payment for each."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from blackstart.seeding.catalogue import prices
from blackstart.seeding.copytext import NULL, Columns, Texts, digits, glue, micros, moments, money, pool
from blackstart.seeding.draws import Numbers
from blackstart.seeding.randomness import EPOCH, FIRST_ORDER
from blackstart.seeding.recipe import Recipe

ORDERS = ("order_id", "customer_id", "status", "total", "currency", "placed_at", "op_id")
ORDER_ITEMS = ("order_id", "line_no", "product_id", "quantity", "unit_price", "op_id")
PAYMENTS = ("payment_id", "order_id", "method", "card_token", "amount", "paid_at", "op_id")

_METHODS = pool(("card", "card", "card", "wallet", "sepa_debit"))
_MOST_LINES = 5
_LINES: Numbers = np.array((1, 1, 2, 2, 3, 3, 4, 5))
_QUANTITIES: Numbers = np.array((1, 1, 1, 2, 2, 3))
_DAY = 86_400_000_000
_YOUNG = pool(("placed", "paid"))
_UNDER_WAY = pool(("paid", "paid", "shipped", "shipped", "cancelled"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baskets:
    """What some orders buy: an order a row, a line a column; lines that are not `bought` do not exist."""

    product: Numbers
    quantity: Numbers
    unit_cents: Numbers
    bought: NDArray[np.bool_]

    @property
    def cents(self) -> Numbers:
        """Each order's total."""
        total: Numbers = (self.quantity * self.unit_cents * self.bought).sum(axis=1)
        return total


def orders(recipe: Recipe, ids: Numbers) -> Columns:
    """Return `ORDERS` rows in order of time; the total is the sum of the lines, to the cent."""
    draw, placed_at = recipe.draws("orders", ids), _placed_at(recipe, ids)
    return (
        digits(ids),
        # Some customers are much more faithful than others, and some products more popular.
        digits(1 + draw.skewed("customer", recipe.scale.customers)),
        _status(recipe, ids, placed_at),
        money(_baskets(recipe, ids).cents),
        b"EUR",
        moments(placed_at),
        NULL,
    )


def order_items(recipe: Recipe, order_ids: Numbers) -> Columns:
    """Return `ORDER_ITEMS` rows: one to five different products an order, lines numbered from 1."""
    baskets = _baskets(recipe, order_ids)
    bought = baskets.bought
    return (
        digits(np.repeat(order_ids, bought.sum(axis=1))),
        digits(bought.cumsum(axis=1)[bought]),
        digits(baskets.product[bought]),
        digits(baskets.quantity[bought]),
        money(baskets.unit_cents[bought]),
        NULL,
    )


def payments(recipe: Recipe, ids: Numbers) -> Columns:
    """Return `PAYMENTS` rows: exactly one an order, of its total, taken within two minutes."""
    draw = recipe.draws("payments", ids)
    # Letters only: a run of digits could pass for a card number, which a shop must never keep.
    noise = np.stack([draw.bits(f"token {n}") for n in range(3)], axis=1).astype("<u8").view(np.uint8)
    return (
        digits(ids),
        digits(ids),
        draw.pick("method", _METHODS),
        glue(b"tok_", (noise % 26 + ord("a")).view("S24").reshape(-1)),
        money(_baskets(recipe, ids).cents),
        moments(_placed_at(recipe, ids) + 1_000_000 + draw.below("paid after", 119_000_000)),
        NULL,
    )


def _placed_at(recipe: Recipe, order_ids: Numbers) -> Numbers:
    # The last order leaves its payment time to arrive before the epoch.
    last = EPOCH - timedelta(minutes=5)
    return recipe.draws("orders", order_ids).ascending("placed_at", recipe.scale.orders, FIRST_ORDER, last)


def _baskets(recipe: Recipe, order_ids: Numbers) -> _Baskets:
    """What orders, their lines and their payments agree on."""
    wanted = _LINES.take(recipe.draws("orders", order_ids).below("lines", len(_LINES)))
    place = np.arange(_MOST_LINES)
    lines = recipe.draws("order_items", _MOST_LINES * (order_ids[:, np.newaxis] - 1) + place + 1)
    product = 1 + lines.skewed("product", recipe.scale.products)
    # Who takes a product a second time has no second line of it.
    again = [(product[:, :n] == product[:, n : n + 1]).any(axis=1) for n in place]
    return _Baskets(
        product=product,
        quantity=_QUANTITIES.take(lines.below("quantity", len(_QUANTITIES))),
        unit_cents=prices(recipe, product),
        bought=(place < wanted[:, np.newaxis]) & ~np.stack(again, axis=1),
    )


def _status(recipe: Recipe, ids: Numbers, placed_at: Numbers) -> Texts:
    """How far each order has come by the epoch: the younger, the less."""
    draw, age = recipe.draws("orders", ids), micros(EPOCH) - placed_at
    done = np.where(draw.chance("is cancelled", 0.06), b"cancelled", b"delivered")
    under_way = np.where(age < 10 * _DAY, draw.pick("under way", _UNDER_WAY), done)
    return np.where(age < 2 * _DAY, draw.pick("young", _YOUNG), under_way)
