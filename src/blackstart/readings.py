"""What one look at the shop found of the customers' operations. Its text is evidence/survivors-<stage>.json.

It has all that `histories` judges a look by, so that the look can be judged again without the shop.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from blackstart.checkers.totals import Order
from blackstart.stack import STORES

Elements = Mapping[str, int]
"""Operation to how often it is there."""
Numbers = Mapping[str, tuple[int, ...]]
"""Operation to the ids of its rows."""
Inventory = Mapping[str, tuple[int, int]]
"""Product to version and stock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All stores at one stage; times are seconds since the run began."""

    began_s: float
    ended_s: float
    elements: Mapping[str, Elements]
    """By store, the operations that are there whole."""
    numbers: Mapping[str, Numbers]
    """By store, the operations that have a row in the database, whatever else they lack."""
    inventory: Inventory
    changed: Mapping[str, Sequence[str]]
    """By store, how the operations that are there differ from what was asked for."""
    orders: Sequence[Order]
    """The figures of each order that a customer placed."""
    stock: Sequence[str]
    """How the stock differs from the seed's less what the orders in the database took."""

    def to_json(self) -> str:
        """Ids by store, `rows` for all that the database has; copies are named where there is more than one."""
        copies = {store: {op: n for op, n in self.elements[store].items() if n > 1} for store in STORES}
        return json.dumps(
            {
                **{store: sorted(self.elements[store]) for store in STORES},
                "rows": sorted({op for numbers in self.numbers.values() for op in numbers}),
                "began_s": self.began_s,
                "ended_s": self.ended_s,
                "copies": {store: found for store, found in copies.items() if found},
                "numbers": self.numbers,
                "inventory": self.inventory,
                "changed": {store: list(lines) for store, lines in self.changed.items()},
                "orders": [[o.id, str(o.total), str(o.items), str(o.paid)] for o in self.orders],
                "stock": list(self.stock),
            }
        )


def parse(text: str) -> Reading:
    """The reading that a text says; ValueError, LookupError or TypeError if it is none."""
    read: Mapping[str, Any] = json.loads(text)
    copies = read["copies"]
    return Reading(
        began_s=read["began_s"],
        ended_s=read["ended_s"],
        elements={store: {op: copies.get(store, {}).get(op, 1) for op in read[store]} for store in STORES},
        numbers={store: {op: tuple(ids) for op, ids in by.items()} for store, by in read["numbers"].items()},
        inventory={product: (version, stock) for product, (version, stock) in read["inventory"].items()},
        changed={store: tuple(lines) for store, lines in read["changed"].items()},
        orders=tuple(_order(*figures) for figures in read["orders"]),
        stock=tuple(read["stock"]),
    )


def _order(number: int, total: str, items: str, paid: str) -> Order:
    return Order(id=number, total=Decimal(total), items=Decimal(items), paid=Decimal(paid))
