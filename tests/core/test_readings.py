"""A reading is read back as it was written, and its text keeps what others read of it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from blackstart import readings
from blackstart.checkers.totals import Order
from blackstart.readings import Reading

READING = Reading(
    began_s=1.5,
    ended_s=2.25,
    elements={"database": {"a": 1, "b": 2}, "uploads": {"c": 1}, "cache": {}},
    numbers={"database": {"a": (7,), "b": (8, 9)}, "uploads": {"c": (1,), "d": (2,)}},
    inventory={"3": (4, 77)},
    changed={"database": ("order 7: status: paid → open",), "uploads": (), "cache": ()},
    orders=(Order(id=7, total=Decimal("9.90"), items=Decimal("9.90"), paid=Decimal(0)),),
    stock=("stock of product 3: 80 − 2 sold → 77",),
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


@pytest.mark.parametrize("name", ["began_s", "copies", "numbers", "inventory", "changed", "orders", "stock"])
def test_a_text_of_an_older_version_says_too_little(name: str) -> None:
    """It is no reading, rather than one in which nothing was amiss."""
    text = json.loads(READING.to_json())
    del text[name]

    with pytest.raises(LookupError):
        readings.parse(json.dumps(text))
