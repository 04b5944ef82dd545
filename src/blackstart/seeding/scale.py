"""How big a seeded shop is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from blackstart.scenario import SeedSpec


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
    long_tail: bool
    """Whether some of the files are much larger than most."""


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
            long_tail=False,
        ),
        # About a million rows.
        "medium": Scale(
            name="medium",
            customers=50_000,
            products=10_000,
            orders=118_000,
            reviews=80_000,
            page_views=185_000,
            files=5_000,
            sessions=5_000,
            carts=3_000,
            long_tail=False,
        ),
        # About ten million rows, and 800 MB of files.
        "large": Scale(
            name="large",
            customers=500_000,
            products=20_000,
            orders=1_200_000,
            reviews=800_000,
            page_views=2_000_000,
            files=20_000,
            sessions=10_000,
            carts=5_000,
            long_tail=True,
        ),
    }
)


def scale_of(spec: SeedSpec) -> Scale:
    """The scale that a scenario asks for, with the counts that it names instead of the scale's own."""
    return replace(SCALES[spec.scale], **spec.counts)  # type: ignore[arg-type]
