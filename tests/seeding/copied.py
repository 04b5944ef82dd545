"""Reads rows back from the text that COPY is given, into Python's own values."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from blackstart.seeding.recipe import Recipe
from blackstart.seeding.tables import Table

_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
_KINDS: dict[str, Callable[[str], Any]] = {
    r".*_id|line_no|quantity|stock|version|rating|bytes|duration_ms|weight_grams": int,
    r"price|unit_price|total|amount": Decimal,
    r".*_at": datetime.fromisoformat,
    r"born_on": date.fromisoformat,
    r"tags|interests": lambda text: array(text),
    r"swatch|sha256": lambda text: bytes.fromhex(text.removeprefix("\\x")),
}


def records(table: Table, recipe: Recipe, *, chunk: int = 700) -> list[dict[str, Any]]:
    """All rows of a table as {column: value}."""
    lines = whole(table, recipe, chunk=chunk).decode().removesuffix("\n").split("\n")
    return [
        {column: value(column, text) for column, text in zip(table.columns, line.split("\t"), strict=True)}
        for line in lines
    ]


def whole(table: Table, recipe: Recipe, *, chunk: int) -> bytes:
    """All rows of a table as text, made so many sources at a time."""
    end = table.sources(recipe.scale) + 1
    return b"".join(table.text(recipe, first, min(first + chunk, end)) for first in range(1, end, chunk))


def value(column: str, text: str) -> Any:
    """A field of a line as what its column holds."""
    if text == "\\N":
        return None
    plain = re.sub(r"\\(.)", lambda escape: _ESCAPED[escape[1]], text)
    kind = next((kind for pattern, kind in _KINDS.items() if re.fullmatch(pattern, column)), str)
    return kind(plain)


def array(text: str) -> list[str]:
    """The texts in PostgreSQL's text of an array, all of which are quoted."""
    assert re.fullmatch(r'\{("(\\.|[^"\\])*"(,(?!\})|(?=\})))*\}', text)
    return [re.sub(r"\\(.)", r"\1", found[0]) for found in re.findall(r'"((\\.|[^"\\])*)"', text)]
