"""Every table of the shop: its name, its columns and where its rows come from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from blackstart.seeding import catalogue, people, sales
from blackstart.seeding.files import UploadRow
from blackstart.seeding.people import Row
from blackstart.seeding.scale import Scale
from blackstart.seeding.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. `rows` may be called again, alone and in any order: it yields the same rows each time.

    Values are Python's own (int, str, bytes, Decimal, datetime, list of str, None); JSON is text.
    """

    schema: str
    name: str
    columns: tuple[str, ...]
    rows: Callable[[Scale, int, Vocabulary], Iterator[Row]]

    @property
    def qualified(self) -> str:
        """`schema.name`, as the stack's declarations write it."""
        return f"{self.schema}.{self.name}"


def tables(uploads: Sequence[UploadRow]) -> tuple[Table, ...]:
    """Return all tables, referenced ones before those that refer to them."""

    def upload_rows(_scale: Scale, seed: int, _vocabulary: Vocabulary) -> Iterator[Row]:
        return catalogue.uploads(uploads, seed)

    def table(
        name: str,
        columns: tuple[str, ...],
        rows: Callable[[Scale, int, Vocabulary], Iterator[Row]],
        schema: str = "public",
    ) -> Table:
        return Table(schema=schema, name=name, columns=columns, rows=rows)

    return (
        table("customers", people.CUSTOMERS, people.customers),
        table("addresses", people.ADDRESSES, people.addresses),
        table("preferences", people.PREFERENCES, people.preferences, schema="crm"),
        table("page_views", people.PAGE_VIEWS, people.page_views, schema="crm"),
        table("products", catalogue.PRODUCTS, catalogue.products),
        table("inventory", catalogue.INVENTORY, catalogue.inventory),
        table("reviews", catalogue.REVIEWS, catalogue.reviews),
        table("orders", sales.ORDERS, sales.orders),
        table("order_items", sales.ORDER_ITEMS, sales.order_items),
        table("payments", sales.PAYMENTS, sales.payments),
        table("uploads", catalogue.UPLOADS, upload_rows),
    )
