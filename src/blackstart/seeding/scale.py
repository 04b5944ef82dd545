"""How big a seeded shop is."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many of each thing a shop starts with.

    Tables that hang on another one (addresses, order items, payments, …) follow from these numbers.
    """

    name: str
    customers: int
    products: int
    orders: int
    reviews: int
    page_views: int
    files: int
    sessions: int
    carts: int


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "small": Scale(
            name="small",
            customers=500,
            products=300,
            orders=1_200,
            reviews=800,
            page_views=2_000,
            files=200,
            sessions=300,
            carts=200,
        ),
    }
)
