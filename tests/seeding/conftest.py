"""One small shop, made once for all tests that only look at it."""

from typing import Any

import pytest

from blackstart.seeding.files import SeedFile, UploadRow, files
from blackstart.seeding.scale import SCALES, Scale
from blackstart.seeding.tables import tables
from blackstart.seeding.vocabulary import Vocabulary

SEED = 42

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def small() -> Scale:
    return SCALES["small"]


@pytest.fixture(scope="session")
def seeded_files(small: Scale) -> list[SeedFile]:
    return list(files(small, SEED))


@pytest.fixture(scope="session")
def shop(small: Scale, seeded_files: list[SeedFile]) -> Records:
    """All rows as {column: value}, by qualified table name."""
    vocabulary = Vocabulary.make(SEED)
    return {
        table.qualified: [dict(zip(table.columns, row, strict=True)) for row in table.rows(small, SEED, vocabulary)]
        for table in tables([UploadRow.of(file) for file in seeded_files])
    }
