"""`lost-orders.csv`: acknowledged orders that are gone, for whoever has to tell the customers and pay back."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from blackstart.checkers.ids import issued_again
from blackstart.clock import stamp
from blackstart.ledger import Operation
from blackstart.loss import numbers
from blackstart.record import RunRecord

COLUMNS = (
    "order_id",
    "acknowledged_at",
    "customer_id",
    "customer_name",
    "customer_email",
    "total",
    "currency",
    "items",
    "payment_token",
    "operation",
    "order_id_issued_again_to",
)

Customers = Mapping[str, Sequence[str]]
"""Customer id, as text, to name and email."""


def render(
    record: RunRecord,
    operations: Sequence[Operation],
    lost: Sequence[str],
    customers: Customers,
    rows: Mapping[str, Collection[int]],
) -> str:
    """A line an order, by acknowledgement; the last column names the operation that got the same number.

    `rows`: the numbers that operations have in the database at the end, acknowledged or not.
    """
    wanted = set(lost)
    orders = [o for o in operations if o.id in wanted and o.op == "order" and "order_id" in o.result]
    again = issued_again(numbers(operations, "order"), wanted, rows)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for order in sorted(orders, key=lambda o: o.completed_s or 0.0):
        writer.writerow(_line(record, order, customers, again.get(order.id, "")))
    return out.getvalue()


def _line(record: RunRecord, order: Operation, customers: Customers, again: str) -> tuple[Any, ...]:
    value, result = order.value, order.result
    customer = value.get("customer_id", "")
    name, email = customers.get(str(customer), ("", ""))
    when = stamp(datetime.fromisoformat(record.began) + timedelta(seconds=order.completed_s or 0.0))
    items = " ".join(f"{i['quantity']}×{i['product_id']}@{i['unit_price']}" for i in result.get("items", ()))
    facts = (result["order_id"], when, customer, _text(name), _text(email), result.get("total", ""), "EUR")
    return (*facts, items, _text(value.get("card_token", "")), order.id, again)


def _text(value: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
