"""Rows about customers: who they are, where they live, what they like and what they looked at."""

import json
import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from blackstart.seeding.copytext import (
    Columns,
    Texts,
    array,
    choices,
    dates,
    digits,
    either,
    glue,
    json_pool,
    moments,
    pool,
)
from blackstart.seeding.draws import Draws, Numbers
from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, OPENED
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.vocabulary import POOL

CUSTOMERS = ("customer_id", "email", "full_name", "phone", "locale", "born_on", "created_at")
ADDRESSES = ("address_id", "customer_id", "kind", "street", "city", "postcode", "country")
PREFERENCES = ("customer_id", "settings", "interests", "updated_at")
PAGE_VIEWS = ("viewed_at", "customer_id", "path", "duration_ms")

# Reserved by RFC 2606: no message to a seeded customer can reach anybody.
_DOMAINS = pool(("example.com", "example.net", "example.org"))
_AREAS = pool(("202", "212", "312", "415", "503", "617", "702", "808"))
_INTERESTS = ("home", "garden", "kitchen", "office", "outdoor", "toys", "books", "music", "travel", "art & crafts")
_PAGES = pool(("/", "/products", "/products?sort=price&page=2", "/sale", "/about", "/search?q=caf%C3%A9"))
_ELDEST = (date(1940, 1, 1) - date(1970, 1, 1)).days


def customers(recipe: Recipe, ids: Numbers) -> Columns:
    """Return `CUSTOMERS` rows. The e-mail address carries the id, which keeps it unique at any scale."""
    draw, words, region = recipe.draws("customers", ids), recipe.vocabulary, _regions(recipe, ids)
    first_names, last_names = words.everywhere(lambda r: r.first_names), words.everywhere(lambda r: r.last_names)
    first, last = _local(draw, "first name", region), _local(draw, "last name", region)
    mailbox = glue(_mailboxes(first_names, "customer.").take(first), _mailboxes(last_names, "").take(last), digits(ids))
    # 555-01xx is kept free for fiction.
    phone = glue(b"+1-", draw.pick("area", _AREAS), b"-555-01", digits(draw.below("phone", 100), 2))
    return (
        digits(ids),
        glue(mailbox, b"@", draw.pick("domain", _DOMAINS)),
        glue(pool(first_names).take(first), b" ", pool(last_names).take(last)),
        either(draw.chance("has phone", 0.8), phone),
        pool(tuple(place.locale for place in words.regions)).take(region),
        either(draw.chance("has birthday", 0.7), dates(_ELDEST + draw.below("birthday", 66 * 365))),
        moments(draw.ascending("created_at", recipe.scale.customers, OPENED, FIRST_ORDER)),
    )


def addresses(recipe: Recipe, customer_ids: Numbers) -> Columns:
    """Return `ADDRESSES` rows: a billing address for each customer, another one to ship to for some.

    Customer n is billed at address 2n - 1; address 2n is where parcels go.
    """
    elsewhere = recipe.draws("customers", customer_ids).chance("ships elsewhere", 0.4)
    ids = np.sort(np.concatenate([2 * customer_ids - 1, 2 * customer_ids[elsewhere]]))
    owner = (ids + 1) // 2
    draw, words, region = recipe.draws("addresses", ids), recipe.vocabulary, _regions(recipe, owner)
    number = digits(1 + draw.below("number", 399))
    street = pool(words.everywhere(lambda r: r.streets)).take(_local(draw, "street", region))
    country = pool(tuple(place.country for place in words.regions)).take(region)
    return (
        digits(ids),
        digits(owner),
        either(ids % 2 == 1, b"billing", b"shipping"),
        either(country == b"US", glue(number, b" ", street), glue(street, b" ", number)),
        pool(words.everywhere(lambda r: r.cities)).take(_local(draw, "city", region)),
        pool(words.everywhere(lambda r: r.postcodes)).take(_local(draw, "postcode", region)),
        country,
    )


def preferences(recipe: Recipe, customer_ids: Numbers) -> Columns:
    """Return `PREFERENCES` rows for nine in ten customers, the first of all among them; `settings` is JSON."""
    said = recipe.draws("customers", customer_ids).chance("has preferences", 0.9)
    ids = customer_ids[said | (customer_ids == 1)]
    draw = recipe.draws("preferences", ids)
    topics = draw.some("topics", choices(_INTERESTS, 2, json.dumps))
    settings = glue(
        *(b'{"theme": ', draw.pick("theme", json_pool(("light", "dark", None)))),
        *(b', "newsletter": {"wanted": ', draw.pick("newsletter", json_pool((True, False))), b', "topics": ', topics),
        *(b'}, "sizes": {"shoe": ', draw.pick("shoe", json_pool(tuple(size / 2 for size in range(70, 96))))),
        *(b', "shirt": ', draw.pick("shirt", json_pool(("S", "M", "L")))),
        *(b'}, "nickname": ', draw.pick("nickname", json_pool(recipe.vocabulary.words)), b"}"),
    )
    return (
        digits(ids),
        either(draw.chance("has settings", 0.9), settings, b"{}"),
        draw.some("interests", choices(_INTERESTS, 4, array)),
        moments(draw.moment("updated_at", FIRST_ORDER, EPOCH)),
    )


def page_views(recipe: Recipe, numbers: Numbers) -> Columns:
    """Return `PAGE_VIEWS` rows of the last month in order of time; some repeat the one before exactly."""

    def twice(rows: Numbers) -> NDArray[np.bool_]:
        return (rows > 1) & recipe.draws("page_views", rows).chance("reported twice", 0.03)

    # A browser that reports a view twice: restores must keep the number of equal rows.
    numbers = numbers - (twice(numbers) & ~twice(numbers - 1))
    draw, scale = recipe.draws("page_views", numbers), recipe.scale
    product = glue(b"/products/", digits(1 + draw.below("product", scale.products)))
    return (
        moments(draw.ascending("viewed_at", scale.page_views, EPOCH - timedelta(days=30), EPOCH)),
        either(draw.chance("is known", 0.6), digits(1 + draw.below("customer", scale.customers))),
        either(draw.chance("is elsewhere", 0.4), draw.pick("page", _PAGES), product),
        either(draw.chance("has duration", 0.9), digits(200 + draw.skewed("duration", 600_000))),
    )


def _regions(recipe: Recipe, customer_ids: Numbers) -> Numbers:
    """Where each customer lives, as an index of the vocabulary's regions: at home for seven in ten."""
    draw = recipe.draws("customers", customer_ids)
    abroad = 1 + draw.below("region", len(recipe.vocabulary.abroad))
    return np.where(draw.chance("lives at home", 0.7), 0, abroad)


def _local(draw: Draws, column: str, region: Numbers) -> Numbers:
    """For each row, which word of all regions' words one after another."""
    return region * POOL + draw.below(column, POOL)


@lru_cache(maxsize=8)
def _mailboxes(names: tuple[str, ...], otherwise: str) -> Texts:
    """Names and a full stop, in what mail systems take everywhere; `otherwise` where no letter is left."""
    plain = (re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", name.casefold())) for name in names)
    return pool(tuple(f"{letters}." if letters else otherwise for letters in plain))
