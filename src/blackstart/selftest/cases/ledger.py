"""What a shop did with its customers' writes, beside the ledger of what they were told; and healthy doubt.

Nobody knows beforehand which operations customers will have, so a case that needs a known one gives
the first order of the copy and of its ledger an operation id and a number that are chosen here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from blackstart.ledger import Operation
from blackstart.selftest.case import Case, Copy

OPERATION = "b1ac5747-0000-4000-8000-000000000001"
ORDER = 0
"""No sequence issues it."""

_KNOWN = {"operation": OPERATION, "order": ORDER}
_ADOPT = (
    "SET LOCAL session_replication_role = replica",  # neither foreign keys nor the trigger that counts versions
    "UPDATE orders SET op_id = %(operation)s, order_id = %(order)s WHERE op_id = %(was)s",
    "UPDATE order_items SET op_id = %(operation)s, order_id = %(order)s WHERE op_id = %(was)s",
    "UPDATE payments SET op_id = %(operation)s, order_id = %(order)s WHERE op_id = %(was)s",
    "UPDATE inventory SET op_id = %(operation)s WHERE op_id = %(was)s",
)


def _adopted(copy: Copy, *statements: str) -> int:
    """The place in the ledger of an order that is now known by name; then statements, without any trigger."""
    orders = [n for n, o in enumerate(copy.operations) if o.op == "order" and o.acknowledged]
    number = orders[0]
    operation = copy.operations[number]
    with copy.database(autocommit=False) as connection:
        for statement in (*_ADOPT, *statements):
            connection.execute(statement.encode(), {**_KNOWN, "was": operation.id})
        connection.commit()
    copy.operations[number] = replace(operation, id=OPERATION, result={**operation.result, "order_id": ORDER})
    return number


def _spoilt(*statements: str) -> Callable[[Copy], None]:
    """An order that is known by name, and what is wrong with it."""

    def plant(copy: Copy) -> None:
        _adopted(copy, *statements)

    return plant


def _rewritten(copy: Copy, **changes: object) -> None:
    """The ledger says something else of an order that is there."""
    number = _adopted(copy)
    copy.operations[number] = replace(copy.operations[number], **changes)  # type: ignore[arg-type]


def _nobody_placed(copy: Copy) -> None:
    del copy.operations[_adopted(copy)]


def _two_have_one_number(copy: Copy) -> None:
    """The first order's number was told to the second one's customer too."""
    first = _adopted(copy)
    second = next(n for n, o in enumerate(copy.operations) if n != first and o.op == "order" and o.acknowledged)
    operation = copy.operations[second]
    copy.operations[second] = replace(operation, result={**operation.result, "order_id": ORDER})


def _told(copy: Copy, store: str, op: str, *, last: bool, outcome: str = "ok") -> None:
    """The ledger has a write that the copy knows nothing of: the first of all, or the last."""
    like = next(o for o in copy.operations if o.op == op and o.acknowledged)
    moments = [t for o in copy.operations for t in (o.invoked_s, o.completed_s or o.invoked_s)]
    invoked, completed = (max(moments) + 0.001, max(moments) + 0.002) if last else (min(moments), min(moments) + 1e-6)
    made: Operation = replace(
        like,
        id=OPERATION,
        store=store,
        invoked_s=invoked,
        completed_s=completed,
        outcome=outcome,  # type: ignore[arg-type]
        result={},
    )
    copy.operations.append(made)


def _case(what: str, plant: Callable[[Copy], None], names: str) -> Case:
    return Case(what=what, plant=plant, found_by="ledger", names=names, explained_by="ledger")


def _healthy(what: str, plant: Callable[[Copy], None]) -> Case:
    return Case(what=what, plant=plant, explained_by="ledger")


def _told_of(store: str, op: str, *, last: bool = True, outcome: str = "ok") -> Callable[[Copy], None]:
    return partial(_told, store=store, op=op, last=last, outcome=outcome)


_SECOND_ROW = (
    "ALTER TABLE orders DROP CONSTRAINT orders_op_id_key",
    "INSERT INTO orders (order_id, customer_id, status, total, currency, placed_at, op_id) SELECT -1, customer_id,"
    " status, total, currency, placed_at, op_id FROM orders WHERE order_id = %(order)s",
)

CASES = (
    _case(
        "the last order that was acknowledged is lost",
        _told_of("database", "order"),
        f"database: acknowledged and lost: {OPERATION}",
    ),
    _case(
        "the last upload that was acknowledged is lost",
        _told_of("uploads", "upload"),
        f"uploads: acknowledged and lost: {OPERATION}",
    ),
    _case(
        "the last cart that was acknowledged is lost",
        _told_of("cache", "cart"),
        f"cache: acknowledged and lost: {OPERATION}",
    ),
    _case(
        "an order is lost and later ones are there",
        _told_of("database", "order", last=False),
        f"database: hole: {OPERATION}",
    ),
    _case(
        "a cart is lost and later ones are there", _told_of("cache", "cart", last=False), f"cache: hole: {OPERATION}"
    ),
    _case("one operation has two orders", _spoilt(*_SECOND_ROW), f"database: operation {OPERATION} is there 2 times"),
    _case(
        "an order is there that was refused",
        partial(_rewritten, outcome="fail", result={}),
        f"database: no operation explains {OPERATION}",
    ),
    _case("an order is there that nobody placed", _nobody_placed, f"database: no operation explains {OPERATION}"),
    _case(
        "two customers were told one order's number",
        _two_have_one_number,
        f"numbers: number {ORDER} of an order belongs to",
    ),
    _case(
        "an order's total is not the sum of its items",
        _spoilt(
            "UPDATE orders SET total = total + 1 WHERE order_id = %(order)s",
            "UPDATE payments SET amount = amount + 1 WHERE order_id = %(order)s",
        ),
        f"totals: order {ORDER}: total",
    ),
    _case(
        "an order's payment is missing",
        _spoilt("DELETE FROM payments WHERE order_id = %(order)s"),
        f"totals: order {ORDER}: total",
    ),
    _case(
        "an order was paid with another card",
        _spoilt("UPDATE payments SET card_token = 'tok_stolen' WHERE order_id = %(order)s"),
        f"database: order {ORDER} (operation {OPERATION}): payments:",
    ),
    _case(
        "the stock of a product is one too few",
        _spoilt("UPDATE inventory SET stock = stock - 1 WHERE product_id = 3"),
        "stock: stock of product 3",
    ),
    _case(
        "the version of a product's stock went back",
        _spoilt("UPDATE inventory SET version = -1 WHERE product_id = 3"),
        "stock: inventory of product 3: version went back",
    ),
    _healthy("an order has another number and operation, as the ledger says", _spoilt()),
    _healthy("an order without a clear answer is there", partial(_rewritten, outcome="info", result={})),
    _healthy("an order was acknowledged at the third attempt", partial(_rewritten, failed_attempts=(0.1, 0.2))),
    _healthy("an order without a clear answer is not there", _told_of("database", "order", outcome="info")),
    _healthy("an early order that was refused is not there", _told_of("database", "order", last=False, outcome="fail")),
)
