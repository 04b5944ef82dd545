"""Rows about customers: who they are, where they live, what they like and what they looked at."""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, OPENED, ascending, moment, skewed, stream
from blackstart.seeding.scale import Scale
from blackstart.seeding.vocabulary import Region, Vocabulary

Row = tuple[object, ...]

CUSTOMERS = ("customer_id", "email", "full_name", "phone", "locale", "born_on", "created_at")
ADDRESSES = ("address_id", "customer_id", "kind", "street", "city", "postcode", "country")
PREFERENCES = ("customer_id", "settings", "interests", "updated_at")
PAGE_VIEWS = ("viewed_at", "customer_id", "path", "duration_ms")

# Reserved by RFC 2606: no message to a seeded customer can reach anybody.
_DOMAINS = ("example.com", "example.net", "example.org")
_AREAS = (202, 212, 312, 415, 503, 617, 702, 808)
_INTERESTS = (
    "home",
    "garden",
    "kitchen",
    "office",
    "outdoor",
    "toys",
    "books",
    "music",
    "travel",
    "art & crafts",
)
_PAGES = ("/", "/products", "/products?sort=price&page=2", "/sale", "/about", "/search?q=caf%C3%A9")


def customers(scale: Scale, seed: int, vocabulary: Vocabulary) -> Iterator[Row]:
    """Yield `CUSTOMERS` rows, ids from 1. The address carries the id, which keeps it unique at any scale."""
    rng = stream(seed, "customers")
    homes = _regions(scale, seed, vocabulary)
    joined = ascending(rng, scale.customers, OPENED, FIRST_ORDER)
    for customer_id, (region, created_at) in enumerate(zip(homes, joined, strict=True), start=1):
        first, last = rng.choice(region.first_names), rng.choice(region.last_names)
        yield (
            customer_id,
            f"{_mailbox(first, last)}{customer_id}@{rng.choice(_DOMAINS)}",
            f"{first} {last}",
            # 555-01xx is kept free for fiction.
            f"+1-{rng.choice(_AREAS)}-555-01{rng.randrange(100):02d}" if rng.random() < 0.8 else None,
            region.locale,
            date(1940, 1, 1) + timedelta(days=rng.randrange(66 * 365)) if rng.random() < 0.7 else None,
            created_at,
        )


def addresses(scale: Scale, seed: int, vocabulary: Vocabulary) -> Iterator[Row]:
    """Yield `ADDRESSES` rows: a billing address for each customer, another one to ship to for some."""
    rng = stream(seed, "addresses")
    address_id = 0
    for customer_id, region in enumerate(_regions(scale, seed, vocabulary), start=1):
        for kind in ("billing", "shipping") if rng.random() < 0.4 else ("billing",):
            address_id += 1
            street, number = rng.choice(region.streets), rng.randrange(1, 400)
            yield (
                address_id,
                customer_id,
                kind,
                f"{number} {street}" if region.country == "US" else f"{street} {number}",
                rng.choice(region.cities),
                rng.choice(region.postcodes),
                region.country,
            )


def preferences(scale: Scale, seed: int, vocabulary: Vocabulary) -> Iterator[Row]:
    """Yield `PREFERENCES` rows for about nine in ten customers; `settings` is JSON text."""
    rng = stream(seed, "preferences")
    for customer_id in range(1, scale.customers + 1):
        if rng.random() < 0.1:
            continue
        settings = {
            "theme": rng.choice(("light", "dark", None)),
            "newsletter": {"wanted": rng.random() < 0.5, "topics": rng.sample(_INTERESTS, rng.randrange(3))},
            "sizes": {"shoe": rng.randrange(70, 96) / 2, "shirt": rng.choice("SML")},
            "nickname": rng.choice(vocabulary.words),
        }
        yield (
            customer_id,
            json.dumps(settings if rng.random() < 0.9 else {}),
            rng.sample(_INTERESTS, rng.randrange(5)),
            moment(rng, FIRST_ORDER, EPOCH),
        )


def page_views(scale: Scale, seed: int, _: Vocabulary) -> Iterator[Row]:
    """Yield `PAGE_VIEWS` rows of the last month in order of time; some repeat the one before exactly."""
    rng = stream(seed, "page_views")
    row: Row = ()
    for viewed_at in ascending(rng, scale.page_views, EPOCH - timedelta(days=30), EPOCH):
        # A browser that reports a view twice: restores must keep the number of equal rows.
        if not row or rng.random() >= 0.03:
            row = (
                viewed_at,
                rng.randrange(1, scale.customers + 1) if rng.random() < 0.6 else None,
                rng.choice(_PAGES) if rng.random() < 0.4 else f"/products/{rng.randrange(1, scale.products + 1)}",
                200 + int(600_000 * skewed(rng)) if rng.random() < 0.9 else None,
            )
        yield row


def _regions(scale: Scale, seed: int, vocabulary: Vocabulary) -> Iterator[Region]:
    """Yield each customer's region, a column of its own so that two tables can agree on it."""
    rng = stream(seed, "regions")
    for _ in range(scale.customers):
        yield (vocabulary.home if rng.random() < 0.7 or not vocabulary.abroad else rng.choice(vocabulary.abroad))


def _mailbox(first: str, last: str) -> str:
    """Return `first.last.` in what mail systems take everywhere, or `customer.` where no letter is left."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".casefold())
    letters = re.sub(r"[^a-z.]", "", plain).strip(".")
    return f"{letters or 'customer'}."
