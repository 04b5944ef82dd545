"""How two readings of a catalog differ, in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from blackstart.catalog_differences import changes, line, singular
from blackstart.evidence import Facts

Objects = Mapping[str, Facts]


def lines(expected: Objects, actual: Objects, *, kind: str = "columns", harmless: bool = False) -> list[str]:
    return [line(kind, change) for change in changes(expected, actual) if change.harmless is harmless]


def test_equal_readings_differ_in_nothing() -> None:
    """Whatever order their objects and facts came in."""
    one = {"a": {"type": "text", "default": "1"}, "b": {}}
    other = {"b": {}, "a": {"default": "1", "type": "text"}}

    assert [] == list(changes(one, other))


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        ({"a": {}}, {}, ["missing column a"]),
        ({}, {"a": {}}, ["extra column a"]),
        ({"a": {"type": "int"}}, {"a": {"type": "text"}}, ["changed column a: type: int → text"]),
        ({"a": {"default": "1"}}, {"a": {}}, ["changed column a: default: 1 → nothing"]),
        ({"a": {}}, {"a": {"default": "1"}}, ["changed column a: default: nothing → 1"]),
        ({"b": {}, "a": {}}, {}, ["missing column a", "missing column b"]),
    ],
)
def test_each_difference_is_named(expected: Objects, actual: Objects, said: list[str]) -> None:
    """The object, the fact, and both values, by name of the object."""
    assert said == lines(expected, actual)


def test_long_texts_are_cut_to_where_they_begin_to_differ() -> None:
    """In one line, whatever they contain."""
    body = "x\n" * 100
    (said,) = lines({"f()": {"body": body + "old"}}, {"f()": {"body": body + "new" * 40}}, kind="functions")

    assert said.startswith("changed function f(): body: …x⏎")
    assert "x⏎old → …x⏎" in said
    assert said.endswith("…")
    assert len(said) < 250


def test_another_provider_is_worth_a_warning_and_no_more() -> None:
    """It sorts by the same locale; what sorts otherwise is a fact of its own."""
    was, found = {"the database": {"provider": "libc"}}, {"the database": {"provider": "builtin"}}

    assert [] == lines(was, found, kind="database")
    assert ["changed database the database: provider: libc → builtin"] == lines(
        was, found, kind="database", harmless=True
    )


def test_an_index_that_was_invalid_is_not_missed() -> None:
    """pg_dump leaves it out; it served nobody."""
    was = {"public.broken": {"invalid": "yes"}}

    assert [] == lines(was, {}, kind="indexes")
    assert ["missing index public.broken"] == lines(was, {}, kind="indexes", harmless=True)


@pytest.mark.parametrize(
    ("kind", "one"),
    [
        ("columns", "column"),
        ("indexes", "index"),
        ("policies", "policy"),
        ("operator classes", "operator class"),
        ("default privileges", "default privilege"),
        ("statistics objects", "statistics"),
        ("database", "database"),
    ],
)
def test_a_class_has_a_name_for_one_object(kind: str, one: str) -> None:
    """As people say it."""
    assert one == singular(kind)
