"""Every table of the shop: its name, its columns and where its rows come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from blackstart.seeding import catalogue, people, sales
from blackstart.seeding.copytext import Columns, lines
from blackstart.seeding.draws import Numbers
from blackstart.seeding.files import UploadRow
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. Its rows are made from sources, which have numbers from 1: an order's lines from the order."""

    schema: str
    name: str
    columns: tuple[str, ...]
    sources: Callable[[Scale], int]
    """How many sources a shop has."""
    rows: Callable[[Recipe, Numbers], Columns]
    """The columns of the rows that some sources make, the same ones whichever sources are asked for together."""
    rows_each: float = 1.0
    """How many rows a source makes, on average."""

    @property
    def qualified(self) -> str:
        """`schema.name`, as the stack's declarations write it."""
        return f"{self.schema}.{self.name}"

    def text(self, recipe: Recipe, first: int, end: int) -> bytes:
        """The rows of sources first, first + 1, … end - 1, as COPY reads them."""
        return lines(self.rows(recipe, np.arange(first, end)))


def tables(uploads: Sequence[UploadRow]) -> tuple[Table, ...]:
    """Return all tables; `uploads` are the files that the table of uploads describes."""

    def table(
        name: str,
        columns: tuple[str, ...],
        sources: Callable[[Scale], int],
        rows: Callable[[Recipe, Numbers], Columns],
        *,
        schema: str = "public",
        rows_each: float = 1.0,
    ) -> Table:
        return Table(schema=schema, name=name, columns=columns, sources=sources, rows=rows, rows_each=rows_each)

    def customers(scale: Scale) -> int:
        return scale.customers

    def products(scale: Scale) -> int:
        return scale.products

    def orders(scale: Scale) -> int:
        return scale.orders

    return (
        table("customers", people.CUSTOMERS, customers, people.customers),
        table("addresses", people.ADDRESSES, customers, people.addresses, rows_each=1.4),
        table("preferences", people.PREFERENCES, customers, people.preferences, schema="crm", rows_each=0.9),
        table("page_views", people.PAGE_VIEWS, lambda scale: scale.page_views, people.page_views, schema="crm"),
        table("products", catalogue.PRODUCTS, products, catalogue.products),
        table("inventory", catalogue.INVENTORY, products, catalogue.inventory),
        table("reviews", catalogue.REVIEWS, lambda scale: scale.reviews, catalogue.reviews),
        table("orders", sales.ORDERS, orders, sales.orders),
        table("order_items", sales.ORDER_ITEMS, orders, sales.order_items, rows_each=2.6),
        table("payments", sales.PAYMENTS, orders, sales.payments),
        table("uploads", catalogue.UPLOADS, lambda _: len(uploads), catalogue.uploads(uploads)),
    )
