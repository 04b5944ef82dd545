"""The rows of a seeded shop hold together and could be a real shop's."""

import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from blackstart.seeding.randomness import EPOCH, OPENED
from blackstart.seeding.scale import Scale

Records = dict[str, list[dict[str, Any]]]

FOREIGN_KEYS = [
    ("public.addresses", "customer_id", "public.customers"),
    ("crm.preferences", "customer_id", "public.customers"),
    ("crm.page_views", "customer_id", "public.customers"),
    ("public.inventory", "product_id", "public.products"),
    ("public.orders", "customer_id", "public.customers"),
    ("public.order_items", "order_id", "public.orders"),
    ("public.order_items", "product_id", "public.products"),
    ("public.payments", "order_id", "public.orders"),
    ("public.reviews", "product_id", "public.products"),
    ("public.reviews", "customer_id", "public.customers"),
    ("public.uploads", "product_id", "public.products"),
]
UNIQUE = [
    ("public.customers", ("customer_id",)),
    ("public.customers", ("email",)),
    ("public.addresses", ("address_id",)),
    ("crm.preferences", ("customer_id",)),
    ("public.products", ("product_id",)),
    ("public.products", ("sku",)),
    ("public.inventory", ("product_id",)),
    ("public.orders", ("order_id",)),
    ("public.order_items", ("order_id", "line_no")),
    ("public.order_items", ("order_id", "product_id")),
    ("public.payments", ("payment_id",)),
    ("public.reviews", ("review_id",)),
    ("public.uploads", ("upload_id",)),
    ("public.uploads", ("path",)),
]
# Where a column may be NULL, a seeded shop has both.
NULLABLE = [
    ("public.customers", "phone"),
    ("public.customers", "born_on"),
    ("crm.page_views", "customer_id"),
    ("crm.page_views", "duration_ms"),
    ("public.products", "weight_grams"),
    ("public.products", "swatch"),
    ("public.reviews", "body"),
    ("public.uploads", "product_id"),
]


def test_small_shop_has_about_ten_thousand_rows(shop: Records, small: Scale) -> None:
    """Tables that the scale names have that many rows; all together are about 10,000."""
    named = {
        "public.customers": small.customers,
        "public.products": small.products,
        "public.inventory": small.products,
        "public.orders": small.orders,
        "public.payments": small.orders,
        "public.reviews": small.reviews,
        "crm.page_views": small.page_views,
        "public.uploads": small.files,
    }

    assert named == {name: len(shop[name]) for name in named}
    assert 9_000 <= sum(map(len, shop.values())) <= 11_500
    assert all(shop.values())


@pytest.mark.parametrize(("table", "column", "target"), FOREIGN_KEYS)
def test_foreign_keys_resolve(shop: Records, table: str, column: str, target: str) -> None:
    """Every reference names a row that exists."""
    keys = {row[column] for row in shop[target]}

    assert set() == {row[column] for row in shop[table]} - keys - {None}


@pytest.mark.parametrize(("table", "columns"), UNIQUE)
def test_keys_are_unique(shop: Records, table: str, columns: tuple[str, ...]) -> None:
    """No two rows share what the schema declares unique."""
    keys = [tuple(row[column] for column in columns) for row in shop[table]]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("table", "column"), NULLABLE)
def test_nullable_columns_have_some_nulls(shop: Records, table: str, column: str) -> None:
    """A column that may be NULL is, in some rows and not in all."""
    assert {True, False} == {row[column] is None for row in shop[table]}


def test_totals_add_up(shop: Records) -> None:
    """An order's total is the sum of its lines and the amount of its one payment, to the cent."""
    lines: dict[int, Decimal] = {}
    for item in shop["public.order_items"]:
        lines.setdefault(item["order_id"], Decimal())
        lines[item["order_id"]] += item["quantity"] * item["unit_price"]
    totals = {order["order_id"]: order["total"] for order in shop["public.orders"]}
    paid = {payment["order_id"]: payment["amount"] for payment in shop["public.payments"]}

    assert totals == lines
    assert totals == paid
    assert {-2} == {total.as_tuple().exponent for total in totals.values()}


def test_an_order_has_up_to_five_different_products(shop: Records) -> None:
    """Lines are numbered from 1, and no product stands on two lines of one order."""
    lines: dict[int, list[int]] = {}
    for item in shop["public.order_items"]:
        lines.setdefault(item["order_id"], []).append(item["line_no"])

    assert {1, 2, 3, 4, 5} == {len(numbers) for numbers in lines.values()}
    assert not [numbers for numbers in lines.values() if numbers != list(range(1, len(numbers) + 1))]


def test_some_products_are_popular(shop: Records) -> None:
    """A tenth of the products makes more than a quarter of the lines, and most products are bought."""
    bought = Counter(item["product_id"] for item in shop["public.order_items"])
    best = sum(count for _, count in bought.most_common(len(shop["public.products"]) // 10))

    assert best > bought.total() / 4
    assert len(bought) > len(shop["public.products"]) / 2


def test_unit_prices_are_the_products(shop: Records) -> None:
    """Order lines charge what the catalogue says."""
    prices = {product["product_id"]: product["price"] for product in shop["public.products"]}

    assert not [i for i in shop["public.order_items"] if i["unit_price"] != prices[i["product_id"]]]


def test_moments_are_in_order(shop: Records) -> None:
    """Every moment lies before the epoch; accounts are older than orders, and orders than their payments."""
    joined = {row["customer_id"]: row["created_at"] for row in shop["public.customers"]}
    paid = {row["order_id"]: row["paid_at"] for row in shop["public.payments"]}
    moments = [value for rows in shop.values() for row in rows for value in row.values() if isinstance(value, datetime)]

    assert not [o for o in shop["public.orders"] if not joined[o["customer_id"]] < o["placed_at"]]
    assert not [o for o in shop["public.orders"] if not o["placed_at"] < paid[o["order_id"]]]
    assert not [moment for moment in moments if not OPENED <= moment < EPOCH]


def test_statuses_follow_age(shop: Records) -> None:
    """Every status occurs, most orders are delivered, and only young ones are open."""
    orders = shop["public.orders"]
    counts = Counter(order["status"] for order in orders)
    oldest_open = min(order["placed_at"] for order in orders if order["status"] in {"placed", "paid"})

    assert {"placed", "paid", "shipped", "delivered", "cancelled"} == set(counts)
    assert counts["delivered"] > counts.total() / 2
    assert (EPOCH - oldest_open).days < 10


def test_seeded_rows_name_no_operation(shop: Records) -> None:
    """Only customers of a drill set op_id and raise a stock's version."""
    op_ids = {row["op_id"] for rows in shop.values() for row in rows if "op_id" in row}
    stock = shop["public.inventory"]

    assert {None} == op_ids
    assert {0} == {row["version"] for row in stock}
    assert all(50_000 <= row["stock"] <= 100_000 for row in stock)


def test_people_cannot_be_reached(shop: Records) -> None:
    """Addresses are at reserved domains, and telephone numbers within those kept for fiction."""
    emails = [row["email"] for row in shop["public.customers"]]
    phones = [row["phone"] for row in shop["public.customers"] if row["phone"]]

    assert not [e for e in emails if not re.fullmatch(r"[a-z.]+\.\d+@example\.(com|net|org)", e)]
    assert not [p for p in phones if not re.fullmatch(r"\+1-\d{3}-555-01\d\d", p)]


def test_no_card_numbers(shop: Records) -> None:
    """Cards are tokens of letters, and no text anywhere holds 13 to 19 digits that a card could have."""
    tokens = [row["card_token"] for row in shop["public.payments"]]
    texts = [str(v) for rows in shop.values() for row in rows for v in row.values() if isinstance(v, str | list)]

    assert len(tokens) == len(set(tokens))
    assert not [token for token in tokens if not re.fullmatch(r"tok_[a-z]{24}", token)]
    assert not [text for text in texts if re.search(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)", text)]


def test_names_go_beyond_ascii(shop: Records) -> None:
    """Some customers have diacritics or Greek letters, and some reviews characters of four bytes."""
    names = " ".join(row["full_name"] for row in shop["public.customers"])
    reviews = " ".join(row["body"] or "" for row in shop["public.reviews"])

    assert re.search(r"[\u00e0-\u017c]", names)
    assert re.search(r"[\u03b1-\u03c9]", names)
    assert max(reviews) > "\uffff"


def test_arrays_and_json_are_empty_and_full(shop: Records) -> None:
    """Arrays and JSON objects occur empty, filled, nested and with characters that need quoting."""
    products, preferences = shop["public.products"], shop["crm.preferences"]
    attributes = [json.loads(row["attributes"]) for row in products]
    tags = {tag for row in products for tag in row["tags"]}

    assert {True, False} == {bool(row["tags"]) for row in products}
    assert {True, False} == {bool(row["interests"]) for row in preferences}
    assert {True, False} == {json.loads(row["settings"]) == {} for row in preferences}
    assert {True, False} == {value == {} for value in attributes}
    assert {int} == {type(value["dimensions"]["width_mm"]) for value in attributes if value}
    assert all(any(mark in tag for tag in tags) for mark in ',"{}\\')
    assert {True, False} == {row["swatch"] == b"" for row in products if row["swatch"] is not None}


def test_page_views_repeat_exactly(shop: Records) -> None:
    """A table without a key has some rows more than once."""
    views = Counter(tuple(row.values()) for row in shop["crm.page_views"])

    assert 20 <= sum(n > 1 for n in views.values()) <= 120
