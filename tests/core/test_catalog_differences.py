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


def _database(provider: str, collate: str, locale: str = "") -> Objects:
    facts = {"provider": provider, "collate": collate, "ctype": collate}
    return {"the database": {**facts, "locale": locale} if locale else facts}


@pytest.mark.parametrize(
    ("was", "found"),
    [
        (_database("libc", "C.utf8"), _database("builtin", "C.utf8", "C.UTF-8")),
        (_database("builtin", "POSIX", "C"), _database("libc", "POSIX")),
        (_database("libc", "en_US.utf8"), _database("icu", "en_US.utf8", "en-US")),
    ],
)
def test_another_library_by_the_same_rules_is_worth_a_warning_and_no_more(was: Objects, found: Objects) -> None:
    """It sorts by the same locale, whatever that is called."""
    provider, *_ = lines(was, found, kind="database", harmless=True)

    assert [] == lines(was, found, kind="database")
    assert provider.startswith("changed database the database: provider: ")


@pytest.mark.parametrize(
    ("was", "found", "said"),
    [
        (_database("builtin", "C", "C.UTF-8"), _database("builtin", "C", "C"), ["locale: C.UTF-8 → C"]),
        (
            _database("libc", "en_US.utf8"),
            _database("builtin", "en_US.utf8", "C.UTF-8"),
            ["provider: libc → builtin", "locale: nothing → C.UTF-8"],
        ),
        (
            _database("libc", "C.UTF-8"),
            _database("builtin", "C.UTF-8", "C"),
            ["provider: libc → builtin", "locale: nothing → C"],
        ),
        (
            _database("icu", "en_US.utf8", "de-DE"),
            _database("libc", "en_US.utf8"),
            ["provider: icu → libc", "locale: de-DE → nothing"],
        ),
    ],
)
def test_other_rules_are_a_difference(was: Objects, found: Objects, said: list[str]) -> None:
    """Rows come in another order, and other things are letters."""
    assert [f"changed database the database: {one}" for one in said] == lines(was, found, kind="database")


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
