"""Data that breaks what the shop says always holds, whatever its constraints let through."""

from __future__ import annotations

from typing import Literal

from blackstart.selftest.case import Case, sql

_REPLICA = "SET session_replication_role = replica"
"""No trigger fires and no foreign key is asked: as during an interrupted load."""


def _case(
    what: str,
    names: str,
    *statements: str,
    explained_by: Literal["backup", "ledger"] = "backup",
    alone: bool = True,
) -> Case:
    return Case(
        what=what,
        plant=sql(*statements),
        found_by="invariants",
        names=names,
        explained_by=explained_by,
        alone=alone,
    )


CASES = (
    _case(
        "a payment of another amount than the order's total",
        "payment-is-total: payment_id = 4, order_id = 4, amount",
        "UPDATE payments SET amount = amount + 0.01 WHERE payment_id = 4",
    ),
    _case(
        "a payment of another amount, after a crash",
        "payment-is-total: payment_id = 4, order_id = 4, amount",
        "UPDATE payments SET amount = amount + 0.01 WHERE payment_id = 4",
        explained_by="ledger",
    ),
    _case(
        "a payment from before its order",
        "payment-is-total: payment_id = 4, order_id = 4, amount",
        "UPDATE payments SET paid_at = paid_at - interval '1 day' WHERE payment_id = 4",
    ),
    _case(
        "an order without lines",
        "order-has-lines: order_id = 4",
        _REPLICA,
        "DELETE FROM order_items WHERE order_id = 4",
    ),
    _case(
        "an order that lost its first line",
        "lines-are-numbered: order_id = 1, lines = 1, first = 2",
        "DELETE FROM order_items WHERE (order_id, line_no) IN"
        " (SELECT order_id, 1 FROM order_items GROUP BY order_id HAVING count(*) > 1 ORDER BY 1 LIMIT 1)",
        alone=False,
    ),
    _case(
        "a total that is not the sum of the lines",
        "total-is-sum-of-lines: order_id = 4, total",
        "UPDATE orders SET total = total + 1 WHERE order_id = 4",
        alone=False,
    ),
    _case(
        "a line of another quantity",
        "total-is-sum-of-lines: order_id = 4, total",
        "UPDATE order_items SET quantity = quantity + 1 WHERE order_id = 4 AND line_no = 1",
    ),
    _case(
        "an order that nobody paid",
        "order-is-paid-once: order_id = 4, payments = 0",
        "DELETE FROM payments WHERE order_id = 4",
    ),
    _case(
        "an order that was paid twice",
        "order-is-paid-once: order_id = 4, payments = 2",
        "INSERT INTO payments (order_id, method, card_token, amount, paid_at)"
        " SELECT order_id, method, card_token, amount, paid_at FROM payments WHERE order_id = 4",
    ),
    _case(
        "lines and payment of an order that is gone",
        "line-has-order-and-product: order_id = 4, line_no = 1",
        _REPLICA,
        "DELETE FROM orders WHERE order_id = 4",
        alone=False,
    ),
    _case(
        "a payment for an order that is gone",
        "payment-has-order: payment_id = 4, order_id = 4",
        _REPLICA,
        "DELETE FROM orders WHERE order_id = 4",
        alone=False,
    ),
    _case(
        "a line that sells a product that is gone",
        "line-has-order-and-product: order_id = 11, line_no = 1, product_id = 1",
        _REPLICA,
        "DELETE FROM products WHERE product_id = (SELECT min(product_id) FROM order_items)",
        alone=False,
    ),
    _case(
        "an order of a customer who is gone",
        "order-has-customer: order_id = 4, customer_id",
        _REPLICA,
        "DELETE FROM customers WHERE customer_id = (SELECT customer_id FROM orders WHERE order_id = 4)",
        alone=False,
    ),
    _case(
        "a payment that another operation wrote",
        "order-is-one-operation: order_id",
        "UPDATE payments SET op_id = gen_random_uuid()"
        " WHERE payment_id = (SELECT max(payment_id) FROM payments WHERE op_id IS NOT NULL)",
    ),
    _case(
        "a stock below nothing, its constraint gone",
        "stock-is-not-negative: product_id = 3, stock = -1",
        "ALTER TABLE inventory DROP CONSTRAINT inventory_stock_check",
        "UPDATE inventory SET stock = -1 WHERE product_id = 3",
        alone=False,
    ),
    _case(
        "a product without a stock level",
        "product-has-inventory: product_id = 3, in_inventory = None",
        "DELETE FROM inventory WHERE product_id = 3",
    ),
    _case(
        "a stock level of no product",
        "product-has-inventory: product_id = None, in_inventory = 99999999",
        _REPLICA,
        "INSERT INTO inventory (product_id, stock) VALUES (99999999, 1)",
    ),
    _case(
        "a stock that changed without a sale",
        "version-counts-sales: product_id = 3, version",
        "UPDATE inventory SET stock = stock - 1 WHERE product_id = 3",
    ),
    _case(
        "a sale that another writer overwrote, after a crash",
        "version-counts-sales: product_id",
        _REPLICA,
        "UPDATE inventory SET version = version - 1"
        " WHERE product_id = (SELECT max(product_id) FROM inventory WHERE version > 0)",
        explained_by="ledger",
    ),
    _case(
        "two uploads of one path, the unique key gone",
        "upload-path-is-unique: path = products/seed-000001.png, uploads = 2",
        "ALTER TABLE uploads DROP CONSTRAINT uploads_path_key",
        "UPDATE uploads SET path = (SELECT path FROM uploads WHERE upload_id = 1) WHERE upload_id = 2",
    ),
    _case(
        "an upload of a product that is gone",
        "upload-has-product: upload_id = 1, product_id = 99999999",
        _REPLICA,
        "UPDATE uploads SET product_id = 99999999 WHERE upload_id = 1",
    ),
    _case(
        "a catalogue that leaves products out",
        "catalog-shows-every-product: product_id = 3, shown = None",
        "CREATE OR REPLACE VIEW product_catalog AS SELECT product_id, sku, name, description, price, tags, stock,"
        " stock > 0 AS available FROM products JOIN inventory USING (product_id) WHERE product_id <> 3",
    ),
)
