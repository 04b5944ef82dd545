"""Which customers' operations a shop still has, and whether it has them as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from blackstart.evidence import Files
from blackstart.ledger import Operation

_ORDERS = """
SELECT o.op_id::text, o.order_id, o.customer_id, o.total, p.amount, p.card_token,
       (SELECT json_agg(json_build_array(i.product_id, i.quantity, i.unit_price::text) ORDER BY i.line_no)
        FROM order_items i WHERE i.order_id = o.order_id AND i.op_id = o.op_id)
FROM orders o LEFT JOIN payments p ON p.order_id = o.order_id AND p.op_id = o.op_id
WHERE o.op_id IS NOT NULL"""

_STRAYS = """
SELECT 'order_items', i.order_id, i.op_id::text FROM order_items i
LEFT JOIN orders o ON o.order_id = i.order_id AND o.op_id = i.op_id WHERE i.op_id IS NOT NULL AND o.order_id IS NULL
UNION ALL
SELECT 'payments', p.order_id, p.op_id::text FROM payments p
LEFT JOIN orders o ON o.order_id = p.order_id AND o.op_id = p.op_id WHERE p.op_id IS NOT NULL AND o.order_id IS NULL"""

_UPLOADS = "SELECT op_id::text, path, product_id, bytes, encode(sha256, 'hex') FROM uploads WHERE op_id IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivors:
    """Operation ids that are there, and how those that are differ from what was asked for."""

    ids: frozenset[str]
    differences: tuple[str, ...]


_NOBODY = Survivors(ids=frozenset(), differences=())


def orders(connection: psycopg.Connection[Any], known: Mapping[str, Operation]) -> Survivors:
    """Orders with all their items and their payment."""
    if not _exist(connection, "orders", "order_items", "payments"):
        return _NOBODY
    found: dict[str, list[str]] = {}
    for op_id, order_id, customer, total, amount, token, items in connection.execute(_ORDERS).fetchall():
        operation = known.get(op_id)
        name = f"order {order_id} (operation {op_id})"
        found[op_id] = (
            []
            if operation is None
            else [
                f"{name}: {what}"
                for what in _order_differences(operation, order_id, customer, total, amount, token, items or [])
            ]
        )
    strays = [
        f"{table} of order {order_id}: operation {op} has no such order"
        for table, order_id, op in connection.execute(_STRAYS)
    ]
    return Survivors(ids=frozenset(found), differences=(*(line for lines in found.values() for line in lines), *strays))


def _order_differences(
    operation: Operation,
    order_id: int,
    customer: int,
    total: Decimal,
    amount: Decimal | None,
    token: str,
    items: list[Any],
) -> list[str]:
    """How an order differs from its operation."""
    value, result = operation.value, operation.result
    wanted = [(item["product_id"], item["quantity"]) for item in value["items"]]
    pairs: list[tuple[str, Any, Any]] = [
        ("customer_id", value["customer_id"], customer),
        ("items", wanted, [(product, quantity) for product, quantity, _ in items]),
        ("total", sum((Decimal(price) * quantity for _, quantity, price in items), Decimal(0)), total),
        ("payment", total, amount),
        ("card token", value["card_token"], token),
    ]
    if operation.acknowledged:
        pairs += [
            ("order_id", result["order_id"], order_id),
            ("acknowledged total", Decimal(result["total"]), total),
        ]
    return [f"{what} {want} → {have}" for what, want, have in pairs if want != have]


def uploads(connection: psycopg.Connection[Any], files: Files, known: Mapping[str, Operation]) -> Survivors:
    """Uploads with both their row and their file."""
    if not _exist(connection, "uploads"):
        return _NOBODY
    ids, differences = set(), []
    for op_id, path, product, size, sha256 in connection.execute(_UPLOADS).fetchall():
        operation = known.get(op_id)
        file = files.get(path)
        if file is not None:
            ids.add(op_id)
        if operation is None or file is None:
            continue
        value = operation.value
        have = (product, size, sha256, file.blake3)
        if have != (value["product_id"], value["bytes"], value["sha256"], value["blake3"]):
            differences.append(f"upload {path} (operation {op_id}): row or file differs from what was sent")
    return Survivors(ids=frozenset(ids), differences=tuple(differences))


def stock(connection: psycopg.Connection[Any], seeded: Mapping[int, int]) -> list[str]:
    """Products whose stock is not the seed's less what the customers' orders in the database took."""
    if not _exist(connection, "inventory", "order_items"):
        return ["there is no inventory"]
    query = (
        "SELECT v.product_id, v.stock, v.version, coalesce(sum(i.quantity), 0), count(i.quantity)"
        " FROM inventory v LEFT JOIN order_items i ON i.product_id = v.product_id AND i.op_id IS NOT NULL"
        " GROUP BY v.product_id, v.stock, v.version"
    )
    rows = {row[0]: row[1:] for row in connection.execute(query).fetchall()}
    lines = [f"inventory of product {product} is missing" for product in sorted(seeded.keys() - rows.keys())]
    lines += [f"inventory of product {product} was not seeded" for product in sorted(rows.keys() - seeded.keys())]
    for product in sorted(seeded.keys() & rows.keys()):
        left, version, sold, sales = rows[product]
        if left != seeded[product] - sold:
            lines.append(f"stock of product {product}: {seeded[product]} − {sold} sold → {left}")
        if version != sales:
            lines.append(f"version of product {product}: {sales} sales → {version}")
    return lines


def _exist(connection: psycopg.Connection[Any], *names: str) -> bool:
    """Whether all these tables are there; where one is not, nothing that was in it survived."""
    row = connection.execute(
        "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS name", (list(names),)
    )
    return row.fetchone() == (True,)
