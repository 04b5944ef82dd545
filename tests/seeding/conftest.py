"""One small shop, made once for all tests that only look at it."""

from typing import Any

import pytest
from tests.seeding.copied import records

from blackstart.seeding.files import SeedFile, UploadRow, draw
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import SCALES, Scale
from blackstart.seeding.tables import Table, tables
from blackstart.seeding.vocabulary import Vocabulary

SEED = 42

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def small() -> Scale:
    return SCALES["small"]


@pytest.fixture(scope="session")
def recipe(small: Scale) -> Recipe:
    return Recipe(scale=small, seed=SEED, vocabulary=Vocabulary.make(SEED))


@pytest.fixture(scope="session")
def seeded_files(small: Scale) -> list[SeedFile]:
    return [draw(small, SEED, number) for number in range(1, small.files + 1)]


@pytest.fixture(scope="session")
def small_tables(seeded_files: list[SeedFile]) -> tuple[Table, ...]:
    return tables([UploadRow.of(file) for file in seeded_files])


@pytest.fixture(scope="session")
def shop(recipe: Recipe, small_tables: tuple[Table, ...]) -> Records:
    """All rows as {column: value}, by qualified table name."""
    return {table.qualified: records(table, recipe) for table in small_tables}
