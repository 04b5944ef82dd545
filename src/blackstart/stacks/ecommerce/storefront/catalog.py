"""Browsing: pages of products, and one product with what belongs to it."""

from .database import Transaction
from .errors import Refused
from .forms import Call
from .stores import Stores
from .web import Answer

PAGE_SIZE = 20
NEWEST = 100


def list_products(stores: Stores, call: Call) -> Answer:
    """GET /products?page=N: 20 products in order of their ids; a page past the end is empty."""
    page = call.query.get("page", "1")
    if not page.isascii() or not page.isdigit() or len(page) > 9 or int(page) < 1:
        raise Refused(400, "page must be an integer from 1")
    with stores.database.transaction() as transaction:
        products = _rows(
            transaction,
            "SELECT product_id, sku, name, description, price::text AS price, tags, stock, available"
            " FROM product_catalog ORDER BY product_id LIMIT %s OFFSET %s",
            PAGE_SIZE,
            (int(page) - 1) * PAGE_SIZE,
        )
    return Answer(200, {"page": int(page), "products": products})


def show_product(stores: Stores, call: Call) -> Answer:
    """GET /products/{id}: the product, its newest reviews and uploads, and how often it was viewed."""
    product_id = call.path_id("product_id")
    with stores.database.transaction() as transaction:
        products = _rows(
            transaction,
            "SELECT product_id, sku, name, description, price::text AS price, tags, stock, available"
            " FROM product_catalog WHERE product_id = %s",
            product_id,
        )
        if not products:
            raise Refused(404, f"there is no product {product_id}")
        reviews = _rows(
            transaction,
            "SELECT review_id, customer_id, rating, body FROM reviews"
            " WHERE product_id = %s ORDER BY review_id DESC LIMIT %s",
            product_id,
            NEWEST,
        )
        uploads = _rows(
            transaction,
            "SELECT upload_id, path, media_type, bytes, encode(sha256, 'hex') AS sha256 FROM uploads"
            " WHERE product_id = %s ORDER BY upload_id DESC LIMIT %s",
            product_id,
            NEWEST,
        )
    with stores.cache.commands() as redis:
        views = redis.incr(f"views:product:{product_id}")
    return Answer(200, {**products[0], "reviews": reviews, "uploads": uploads, "views": views})


def _rows(transaction: Transaction, query: str, *values: int) -> list[dict[str, object]]:
    """The query's rows by column name."""
    cursor = transaction.execute(query.encode(), values)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]
