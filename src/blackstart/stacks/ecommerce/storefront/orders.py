"""Placing an order: one transaction, one operation id, one answer however often it is asked."""

import uuid
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from . import forms
from .database import Transaction
from .errors import Refused, Unavailable
from .forms import Call, Item
from .stores import Stores
from .web import Answer

# orders.total is numeric(12, 2).
LARGEST_TOTAL = Decimal("9999999999.99")


def place(stores: Stores, call: Call) -> Answer:
    """POST /orders: 201 and the order, 200 and the same for a known key, 409 when out of stock."""
    op_id = call.idempotency_key()
    fields = call.fields()
    customer_id = forms.row_id(fields, "customer_id")
    items = forms.items(fields)
    card_token = forms.card_token(fields)
    try:
        with stores.database.transaction(UniqueViolation, ForeignKeyViolation) as transaction:
            known = _find(transaction, op_id)
            if known is None:
                _insert(transaction, op_id, customer_id, items, card_token)
                placed = _find(transaction, op_id)
                assert placed is not None
    except UniqueViolation as violation:
        # Another attempt of this operation was faster. Its row was waited for, so it has committed.
        with stores.database.transaction() as transaction:
            known = _find(transaction, op_id)
        if known is None:
            raise Unavailable("database", violation) from violation
    except ForeignKeyViolation:
        raise Refused(404, f"there is no customer {customer_id}") from None
    return Answer(201, placed) if known is None else Answer(200, known)


def _insert(
    transaction: Transaction, op_id: uuid.UUID, customer_id: int, items: Sequence[Item], card_token: str
) -> None:
    prices = _prices(transaction, items)
    total = sum((prices[item.product_id] * item.quantity for item in items), Decimal(0))
    if total > LARGEST_TOTAL:
        raise Refused(400, "the total is too large")
    # The order's row comes first: it holds back other attempts of the same operation, so that
    # none of them finds the stock already taken by the first and reports the order as refused.
    row = transaction.execute(
        "INSERT INTO orders (customer_id, status, total, op_id) VALUES (%s, 'paid', %s, %s) RETURNING order_id",
        (customer_id, total, op_id),
    ).fetchone()
    assert row is not None
    order_id = row[0]
    _take_stock(transaction, op_id, items)
    transaction.execute(
        "INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price, op_id)"
        " SELECT %s, line_no, product_id, quantity, unit_price, %s"
        " FROM unnest(%s::bigint[], %s::integer[], %s::numeric[])"
        " WITH ORDINALITY AS item (product_id, quantity, unit_price, line_no)",
        (
            order_id,
            op_id,
            [item.product_id for item in items],
            [item.quantity for item in items],
            [prices[item.product_id] for item in items],
        ),
    )
    transaction.execute(
        "INSERT INTO payments (order_id, method, card_token, amount, op_id) VALUES (%s, 'card', %s, %s, %s)",
        (order_id, card_token, total, op_id),
    )


def _prices(transaction: Transaction, items: Sequence[Item]) -> dict[int, Decimal]:
    """Each product's price; Refused with 404 if a product is unknown."""
    wanted = {item.product_id for item in items}
    rows = transaction.execute(
        "SELECT product_id, price FROM products WHERE product_id = ANY(%s)", (sorted(wanted),)
    ).fetchall()
    prices: dict[int, Decimal] = dict(rows)
    for product_id in sorted(wanted - prices.keys()):
        raise Refused(404, f"there is no product {product_id}")
    return prices


def _take_stock(transaction: Transaction, op_id: uuid.UUID, items: Sequence[Item]) -> None:
    """Lower each product's stock; Refused with 409 if one has too little."""
    quantities: Counter[int] = Counter()
    for item in items:
        quantities[item.product_id] += item.quantity
    # In one order everywhere: two customers who want the same two products must not deadlock.
    for product_id, quantity in sorted(quantities.items()):
        taken = transaction.execute(
            "UPDATE inventory SET stock = stock - %s, op_id = %s WHERE product_id = %s AND stock >= %s",
            (quantity, op_id, product_id, quantity),
        )
        if taken.rowcount != 1:
            raise Refused(409, f"product {product_id} is out of stock")


def _find(transaction: Transaction, op_id: uuid.UUID) -> dict[str, object] | None:
    """The order an operation made, as it is answered; None if it made none."""
    # The lock is a write: COMMIT then waits for a synchronous standby, as it would for the order itself.
    # A plain read would confirm an order whose first attempt went unanswered for want of a standby.
    order = transaction.execute(
        "SELECT order_id, total FROM orders WHERE op_id = %s FOR KEY SHARE", (op_id,)
    ).fetchone()
    if order is None:
        return None
    order_id, total = order
    lines = transaction.execute(
        "SELECT product_id, quantity, unit_price FROM order_items WHERE order_id = %s ORDER BY line_no",
        (order_id,),
    ).fetchall()
    return {
        "order_id": order_id,
        "total": str(total),
        "items": [
            {"product_id": product_id, "quantity": quantity, "unit_price": str(unit_price)}
            for product_id, quantity, unit_price in lines
        ],
    }
