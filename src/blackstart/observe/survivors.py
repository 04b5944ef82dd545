"""Which customers' operations a shop still has, and whether it has them as they were.

Every column that an operation determines is compared: what it asked for, what the shop
acknowledged, and what the shop writes for any operation of its kind. Two rows of one operation are
counted as two, even where each of them is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from blackstart.checkers.totals import Order
from blackstart.evidence import Files
from blackstart.ledger import Operation
from blackstart.readings import Elements, Inventory, Numbers

CLOCKS_AGREE_WITHIN = timedelta(seconds=5)

_ORDERS = """
SELECT o.op_id::text, o.order_id, o.customer_id, o.status::text, o.currency, o.total, o.placed_at,
       (SELECT json_agg(json_build_array(i.line_no, i.product_id, i.quantity, i.unit_price::text) ORDER BY i.line_no)
        FROM order_items i WHERE i.order_id = o.order_id AND i.op_id = o.op_id),
       (SELECT json_agg(json_build_array(p.method, p.card_token, p.amount::text, p.paid_at = o.placed_at))
        FROM payments p WHERE p.order_id = o.order_id AND p.op_id = o.op_id)
FROM orders o WHERE o.op_id IS NOT NULL ORDER BY o.order_id"""

_STRAYS = """
SELECT 'order_items', i.order_id, i.op_id::text FROM order_items i
LEFT JOIN orders o ON o.order_id = i.order_id AND o.op_id = i.op_id WHERE i.op_id IS NOT NULL AND o.order_id IS NULL
UNION ALL
SELECT 'payments', p.order_id, p.op_id::text FROM payments p
LEFT JOIN orders o ON o.order_id = p.order_id AND o.op_id = p.op_id WHERE p.op_id IS NOT NULL AND o.order_id IS NULL"""

_UPLOADS = """
SELECT op_id::text, upload_id, path, product_id, media_type, bytes, encode(sha256, 'hex'), uploaded_at
FROM uploads WHERE op_id IS NOT NULL ORDER BY upload_id"""

_STOCK = """
SELECT v.product_id, v.stock, v.version, coalesce(sum(i.quantity), 0), count(i.quantity),
       (v.version = 0 AND v.op_id IS NULL) OR coalesce(bool_or(i.op_id = v.op_id), false)
FROM inventory v LEFT JOIN order_items i ON i.product_id = v.product_id AND i.op_id IS NOT NULL
GROUP BY v.product_id, v.stock, v.version, v.op_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivors:
    """Operations that are there, and how those that are differ from what was asked for."""

    elements: Elements
    differences: tuple[str, ...]
    rows: Numbers = field(default_factory=dict)
    """Those that have a row in the database, whatever else they lack, with the rows' ids."""
    orders: tuple[Order, ...] = ()
    """The figures of each order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the operations: the ledger, when it began (UTC), and what products cost."""

    operations: Mapping[str, Operation]
    began: datetime
    prices: Mapping[int, Decimal]

    def is_time_of(self, operation: Operation, moment: datetime) -> bool:
        """Whether a time that the shop wrote lies within the operation, but for the clocks' disagreement."""
        begin = self.began + timedelta(seconds=operation.invoked_s) - CLOCKS_AGREE_WITHIN
        if not operation.acknowledged:
            return begin <= moment
        return begin <= moment <= self.began + timedelta(seconds=operation.completed_s or 0.0) + CLOCKS_AGREE_WITHIN


_NOBODY = Survivors(elements={}, differences=())


def orders(connection: psycopg.Connection[Any], known: Known) -> Survivors:
    """Orders with all their items and their payment."""
    if not _exist(connection, "orders", "order_items", "payments"):
        return _NOBODY
    rows = connection.execute(_ORDERS).fetchall()
    differences: list[str] = []
    figures = []
    for op_id, order_id, *rest in rows:
        figures.append(_figures(order_id, rest[3], *rest[5:]))
        operation = known.operations.get(op_id)
        if operation is not None:
            name = f"order {order_id} (operation {op_id})"
            differences += [f"{name}: {what}" for what in _order(known, operation, order_id, *rest)]
    differences += [
        f"{table} of order {order_id}: operation {op_id} has no such order"
        for table, order_id, op_id in connection.execute(_STRAYS).fetchall()
    ]
    return Survivors(
        elements=Counter(row[0] for row in rows),
        differences=tuple(differences),
        rows=_numbers((row[0], row[1]) for row in rows),
        orders=tuple(figures),
    )


def _figures(order_id: int, total: Decimal, items: list[Any] | None, payments: list[Any] | None) -> Order:
    """What the order cost, what its items cost together, and what was paid."""
    lines = (Decimal(price) * quantity for _, _, quantity, price in items or [])
    paid = (Decimal(amount) for _, _, amount, _ in payments or [])
    return Order(id=order_id, total=total, items=sum(lines, Decimal(0)), paid=sum(paid, Decimal(0)))


def _order(
    known: Known,
    operation: Operation,
    order_id: int,
    customer_id: int,
    status: str,
    currency: str,
    total: Decimal,
    placed_at: datetime,
    items: list[Any] | None,
    payments: list[Any] | None,
) -> Iterator[str]:
    """How an order differs from its operation."""
    value, result = operation.value, operation.result
    asked = [
        [line, item["product_id"], item["quantity"], str(known.prices.get(item["product_id"]))]
        for line, item in enumerate(value["items"], start=1)
    ]
    paid = [[method, token, in_time] for method, token, _, in_time in payments or []]
    pairs: list[tuple[str, Any, Any]] = [
        ("customer_id", value["customer_id"], customer_id),
        ("status", "paid", status),
        ("currency", "EUR", currency),
        ("items", asked, items),
        ("payments", [["card", value["card_token"], True]], paid),
        ("placed within its operation", True, known.is_time_of(operation, placed_at)),
    ]
    if operation.acknowledged:
        prices = [[item["product_id"], item["quantity"], item["unit_price"]] for item in result["items"]]
        pairs += [
            ("acknowledged order_id", result["order_id"], order_id),
            ("acknowledged total", Decimal(result["total"]), total),
            ("acknowledged items", prices, [item[1:] for item in items or []]),
        ]
    return (f"{what}: {want} → {have}" for what, want, have in pairs if want != have)


def uploads(connection: psycopg.Connection[Any], files: Files, known: Known) -> Survivors:
    """Uploads with both their row and their file."""
    if not _exist(connection, "uploads"):
        return _NOBODY
    rows = connection.execute(_UPLOADS).fetchall()
    differences: list[str] = []
    for op_id, upload_id, path, product_id, media_type, size, sha256, uploaded_at in rows:
        operation, file = known.operations.get(op_id), files.get(path)
        if operation is None:
            continue
        value, result = operation.value, operation.result
        pairs: list[tuple[str, Any, Any]] = [
            ("path", f"products/{op_id}.png", path),
            ("product_id", value["product_id"], product_id),
            ("media_type", "image/png", media_type),
            ("bytes", value["bytes"], size),
            ("sha256", value["sha256"], sha256),
            ("uploaded within its operation", True, known.is_time_of(operation, uploaded_at)),
        ]
        if operation.acknowledged:
            pairs.append(("acknowledged upload_id", result["upload_id"], upload_id))
        if file is not None:
            pairs.append(("file", value["blake3"], file.blake3))
        differences += [f"upload {path}: {what}: {want} → {have}" for what, want, have in pairs if want != have]
    return Survivors(
        elements=Counter(row[0] for row in rows if row[2] in files),
        differences=tuple(differences),
        rows=_numbers((row[0], row[1]) for row in rows),
    )


def stock(connection: psycopg.Connection[Any], seeded: Mapping[int, int]) -> list[str]:
    """Products whose stock is not the seed's less what the customers' orders in the database took."""
    if not _exist(connection, "inventory", "order_items"):
        return ["there is no inventory"]
    rows = {row[0]: row[1:] for row in connection.execute(_STOCK).fetchall()}
    lines = [f"inventory of product {product} is missing" for product in sorted(seeded.keys() - rows.keys())]
    lines += [f"inventory of product {product} was not seeded" for product in sorted(rows.keys() - seeded.keys())]
    for product in sorted(seeded.keys() & rows.keys()):
        left, version, sold, sales, sold_by_a_survivor = rows[product]
        if left != seeded[product] - sold:
            lines.append(f"stock of product {product}: {seeded[product]} − {sold} sold → {left}")
        if version != sales:
            lines.append(f"version of product {product}: {sales} sales → {version}")
        if not sold_by_a_survivor:
            lines.append(f"inventory of product {product} names an operation that has no such order")
    return lines


def prices(connection: psycopg.Connection[Any]) -> dict[int, Decimal]:
    """What each product costs; nothing if there are no products."""
    if not _exist(connection, "products"):
        return {}
    return dict(connection.execute("SELECT product_id, price FROM products").fetchall())


def inventory(connection: psycopg.Connection[Any]) -> Inventory:
    """Each product's version and stock; nothing if there is no inventory."""
    if not _exist(connection, "inventory"):
        return {}
    rows = connection.execute("SELECT product_id::text, version, stock FROM inventory").fetchall()
    return {product: (version, stock) for product, version, stock in rows}


def _numbers(rows: Iterable[tuple[str, int]]) -> Numbers:
    """Operation to the ids of its rows."""
    found: dict[str, tuple[int, ...]] = {}
    for op_id, number in rows:
        found[op_id] = (*found.get(op_id, ()), number)
    return found


def _exist(connection: psycopg.Connection[Any], *names: str) -> bool:
    """Whether all these tables are there; where one is not, nothing that was in it survived."""
    query = "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS name"
    return connection.execute(query, (list(names),)).fetchone() == (True,)
