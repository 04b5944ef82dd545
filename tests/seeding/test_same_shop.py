"""A shop depends on its recipe, and not on how it is made."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from tests.seeding.copied import records, whole

from blackstart.scenario import CountName, SeedSpec
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import SCALES, scale_of
from blackstart.seeding.tables import Table, tables
from blackstart.seeding.vocabulary import Vocabulary, locales

COUNTS: tuple[CountName, ...] = ("customers", "products", "orders", "reviews", "page_views")
BY_ROW = tables([])[:-1]
"""All tables but the one that describes files."""


def test_chunks_do_not_matter(recipe: Recipe, small_tables: tuple[Table, ...]) -> None:
    """Every table has the same text made in small chunks, in odd ones, or as a whole."""
    made = [b"".join(whole(table, recipe, chunk=chunk) for table in small_tables) for chunk in (7, 137, 10**6)]

    assert made[0] == made[1] == made[2]
    assert made[0]


def test_threads_do_not_matter(recipe: Recipe, small_tables: tuple[Table, ...]) -> None:
    """Tables made side by side, last one first, are the tables made one after another."""
    alone = [whole(table, recipe, chunk=97) for table in small_tables]
    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(whole, table, recipe, chunk=97) for table in reversed(small_tables)]

    assert alone == [task.result() for task in reversed(tasks)]


@pytest.mark.parametrize("table", BY_ROW, ids=lambda table: table.qualified)
def test_another_seed_is_another_table(table: Table, recipe: Recipe) -> None:
    """No table is the same under two seeds."""
    other = replace(recipe, seed=43, vocabulary=Vocabulary.make(43))

    assert whole(table, recipe, chunk=500) != whole(table, other, chunk=500)


def test_counts_stand_in_for_the_scales_own() -> None:
    """A count that is named is used, the others stay the scale's."""
    scale = scale_of(SeedSpec(scale="medium", counts={"orders": 7, "files": 3}))

    assert replace(SCALES["medium"], orders=7, files=3) == scale


@pytest.mark.parametrize("counts", [dict(zip(COUNTS, numbers, strict=True)) for numbers in product((1, 2), repeat=5)])
def test_any_counts_make_a_shop(counts: dict[CountName, int], recipe: Recipe) -> None:
    """With one or two of each thing, in any combination, no table is empty and every reference resolves."""
    tiny = replace(recipe, scale=scale_of(SeedSpec(counts=counts)))
    shop = {table.name: records(table, tiny) for table in BY_ROW}

    def ids(table: str, column: str) -> set[Any]:
        return {row[column] for row in shop[table]} - {None}

    assert all(shop.values())
    assert {name: counts[name] for name in COUNTS} == {name: len(shop[name]) for name in COUNTS}
    for table, column in product(("addresses", "preferences", "page_views", "orders", "reviews"), ("customer_id",)):
        assert ids(table, column) <= ids("customers", "customer_id")
    for table in ("order_items", "reviews", "inventory"):
        assert ids(table, "product_id") <= ids("products", "product_id")
    assert ids("orders", "order_id") == ids("order_items", "order_id") == ids("payments", "order_id")


@pytest.mark.filterwarnings("ignore:fr_QC locale is deprecated")
@pytest.mark.parametrize("locale", locales())
def test_every_locale_makes_a_shop(locale: str, recipe: Recipe) -> None:
    """Any of Faker's locales can be home: every text is there, and countries are codes of two letters."""
    local = replace(recipe, vocabulary=Vocabulary.make(1, locale), scale=replace(recipe.scale, customers=40))
    shop = {table.name: records(table, local) for table in BY_ROW if table.name in ("customers", "addresses")}
    texts = [text for rows in shop.values() for row in rows for text in row.values() if isinstance(text, str)]

    assert all(text.strip() for text in texts)
    assert {2} == {len(row["country"]) for row in shop["addresses"]}
    assert locale in {row["locale"] for row in shop["customers"]}


def test_memory_does_not_grow_with_the_rows(recipe: Recipe) -> None:
    """Ten times the orders take the memory of one chunk all the same."""
    (table,) = [table for table in BY_ROW if table.name == "orders"]

    def peak(orders: int) -> int:
        scaled = replace(recipe, scale=replace(recipe.scale, orders=orders))
        tracemalloc.start()
        try:
            for first in range(1, orders + 1, 2_000):
                table.text(scaled, first, min(first + 2_000, orders + 1))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2_000)  # fills what is cached
    few, many = peak(10_000), peak(100_000)

    assert few > 100_000
    assert many < few * 1.1
