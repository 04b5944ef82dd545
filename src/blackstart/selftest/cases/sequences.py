"""Sequences that would hand out what somebody has already."""

from __future__ import annotations

from blackstart.selftest.case import Case, sql


def _found(what: str, names: str, *statements: str, alone: bool = True) -> Case:
    """Of a sequence that is behind a column too, both things are said."""
    return Case(what=what, plant=sql(*statements), found_by="sequences", names=names, alone=alone)


CASES = (
    _found(
        "a sequence is one behind its column",
        "sequence public.orders_order_id_seq hands out",
        "SELECT setval('orders_order_id_seq', max(order_id), false) FROM orders",
        alone=False,
    ),
    _found(
        "a sequence begins at 1 again",
        "sequence public.customers_customer_id_seq hands out 1 next",
        "ALTER SEQUENCE customers_customer_id_seq RESTART",
        alone=False,
    ),
    _found(
        "a sequence is beyond its column, and behind what was handed out",
        "sequence zoo.blocks hands out 20 next, and was to hand out 21",
        "SELECT setval('zoo.blocks', 19)",
    ),
    _found(
        "a sequence has nothing left",
        "sequence zoo.blocks is used up",
        "SELECT setval('zoo.blocks', 2147483647)",
    ),
    _found("a sequence is gone", "missing sequence zoo.blocks", "DROP SEQUENCE zoo.blocks"),
    _found(
        "a sequence counts the other way",
        "sequence zoo.down counts up",
        "ALTER SEQUENCE zoo.down INCREMENT 1 MAXVALUE 9",
    ),
    _found(
        "a sequence that counts down is behind",
        "sequence zoo.down hands out -2 next",
        "SELECT setval('zoo.down', -2, false)",
        alone=False,
    ),
    _found(
        "a sequence that nobody owns is behind the default that asks it",
        "hands out 1001 next, and zoo.tickets.number has 1001",
        "SELECT setval('zoo.ticket_numbers', 1000)",
        alone=False,
    ),
    _found(
        "a sequence is behind a row of a partition",
        "zoo.sales.sale_id has 900",
        "INSERT INTO zoo.sales_other (sale_id, sold_on) VALUES (900, '2031-01-01')",
    ),
    _found(
        "an inheriting table's rows are ahead",
        "zoo.places.place_id has 70",
        "INSERT INTO zoo.cages (place_id, bars) VALUES (70, 1)",
    ),
    _found(
        "a column asks its sequence no more",
        "sequence zoo.ticket_numbers no longer feeds zoo.tickets.number",
        "ALTER TABLE zoo.tickets ALTER number DROP DEFAULT",
    ),
    Case(
        what="sequences are as far ahead as recovery from the log leaves them",
        plant=sql("SELECT setval('orders_order_id_seq', last_value + 32) FROM orders_order_id_seq"),
    ),
    Case(
        what="sequences are as far ahead as recovery from the log leaves them, explained by the ledger",
        plant=sql("SELECT setval('orders_order_id_seq', last_value + 32) FROM orders_order_id_seq"),
        explained_by="ledger",
    ),
    Case(what="a cycling sequence has begun anew", plant=sql("SELECT setval('zoo.circle', 1, false)")),
)
