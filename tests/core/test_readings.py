"""A reading is read back as it was written, and its text keeps what others read of it."""

from __future__ import annotations

import json

from blackstart import readings
from blackstart.readings import Reading

READING = Reading(
    began_s=1.5,
    ended_s=2.25,
    elements={"database": {"a": 1, "b": 2}, "uploads": {"c": 1}, "cache": {}},
    numbers={"database": {"a": (7,), "b": (8, 9)}, "uploads": {"c": (1,), "d": (2,)}},
    inventory={"3": (4, 77)},
)


def test_a_reading_read_back_equals_itself() -> None:
    """Copies, numbers, versions and times."""
    assert READING == readings.parse(READING.to_json())


def test_ids_by_store_are_where_the_contract_says() -> None:
    """Each operation once, and `rows` for all that the database has."""
    text = json.loads(READING.to_json())

    assert (["a", "b"], ["c"], [], ["a", "b", "c", "d"]) == tuple(
        text[name] for name in ("database", "uploads", "cache", "rows")
    )
