"""Totals, as of a bank's accounts: what an order costs is what its items cost, and what was paid for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

VERSION: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The three figures of one order in one read; nothing there is 0."""

    id: int
    total: Decimal
    items: Decimal
    """The sum of its items."""
    paid: Decimal
    """The sum of its payments."""


def unbalanced(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders of one read whose three figures are not one, in their order."""
    return tuple(order for order in orders if not order.total == order.items == order.paid)
