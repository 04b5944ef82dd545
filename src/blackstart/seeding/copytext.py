"""Rows as the text that COPY reads, made for thousands of rows at once.

A column is an array of texts of one width, shorter ones filled up with NUL bytes. No text of
PostgreSQL's has a NUL byte, so these are blanks wherever they stand: columns are put side by side as
they are, and all blanks vanish together when the rows become bytes.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.bytes_]
"""One text a row, in UTF-8, escaped for COPY; NUL bytes in it are blanks."""
Columns = Sequence[Texts | bytes]
"""A table's columns in order; bytes stand in every row."""

NULL: Final = b"\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CALENDAR_BEGINS: Final = np.datetime64("1940-01-01", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Lists of some words each, as texts: first the empty list, then those of one word, and so on."""

    texts: Texts
    begin: NDArray[np.int64]
    """Where the lists of each size begin, and at last where all end."""


def lines(columns: Columns) -> bytes:
    """Rows as COPY reads them, a line each."""
    pieces = [piece for column in columns for piece in (column, b"\t")]
    return glue(*pieces[:-1], b"\n").tobytes().translate(None, b"\0")


def glue(*pieces: Texts | bytes) -> Texts:
    """Texts side by side; bytes stand in every row."""
    rows = next(len(piece) for piece in pieces if not isinstance(piece, bytes))
    kinds = [f"S{len(piece)}" if isinstance(piece, bytes) else piece.dtype for piece in pieces]
    whole = np.empty(rows, dtype=[(f"{number}", kind) for number, kind in enumerate(kinds)])
    for number, piece in enumerate(pieces):
        whole[f"{number}"] = piece
    return whole.view(f"S{whole.dtype.itemsize}")


def either(condition: NDArray[np.bool_], texts: Texts | bytes, otherwise: Texts | bytes = NULL) -> Texts:
    """`texts` where the condition holds, elsewhere the other ones."""
    return np.where(condition, texts, otherwise)


@lru_cache(maxsize=512)
def pool(words: tuple[str, ...]) -> Texts:
    """Words to pick from."""
    return np.array([word.translate(_ESCAPES).encode() for word in words])


@lru_cache(maxsize=64)
def json_pool(values: tuple[str | float | bool | None, ...]) -> Texts:
    """Values to pick from, as JSON."""
    return pool(tuple(map(json.dumps, values)))


@cache
def choices(words: tuple[str, ...], most: int, written: Callable[[Sequence[str]], str]) -> Choices:
    """Every choice of up to `most` of the words, written as an array or as JSON."""
    sizes = [list(combinations(words, size)) for size in range(most + 1)]
    return Choices(
        texts=pool(tuple(written(choice) for size in sizes for choice in size)),
        begin=np.cumsum([0, *map(len, sizes)]),
    )


def array(words: Sequence[str]) -> str:
    """PostgreSQL's text of an array of texts."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def digits(numbers: NDArray[np.int64], least: int = 1) -> Texts:
    """Whole numbers from 0 on, with zeros before them where they have not so many digits."""
    width = max(least, len(str(numbers.max(initial=0))))
    places = np.empty((len(numbers), width), dtype=np.uint8)
    left = numbers
    for place in range(width - 1, -1, -1):
        rest = left // 10
        places[:, place] = left - 10 * rest + ord("0")
        left = rest
    for place in range(width - least):
        places[:, place] *= numbers >= 10 ** (width - 1 - place)
    return places.view(f"S{width}").reshape(-1)


def money(cents: NDArray[np.int64]) -> Texts:
    """Amounts with exactly two decimals."""
    return glue(digits(cents // 100), b".", digits(cents % 100, 2))


def hexadecimal(values: NDArray[np.uint8]) -> Texts:
    """The bytes of each row (rows × bytes) as digits."""
    nibbles = np.stack([values >> 4, values & 15], axis=2).reshape(len(values), -1)
    return np.frombuffer(b"0123456789abcdef", dtype=np.uint8)[nibbles].view(f"S{nibbles.shape[1]}").reshape(-1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _SINCE) // timedelta(microseconds=1)


def moments(since: NDArray[np.int64]) -> Texts:
    """Moments, given in microseconds since 1970, as timestamps with their zone."""
    seconds = since // 1_000_000
    days = seconds // 86_400
    clock, fraction = _clock().take(seconds - 86_400 * days), digits(since - 1_000_000 * seconds, 6)
    return glue(dates(days), b" ", clock, b".", fraction, b"+00")


def dates(days: NDArray[np.int64]) -> Texts:
    """Days, counted from 1970, from 1940 to 2039."""
    return _calendar().take(days - _CALENDAR_BEGINS.astype(np.int64))


@cache
def _calendar() -> Texts:
    return np.datetime_as_string(np.arange(_CALENDAR_BEGINS, np.datetime64("2040-01-01"))).astype("S10")


@cache
def _clock() -> Texts:
    seconds = np.arange(86_400)
    return glue(digits(seconds // 3600, 2), b":", digits(seconds // 60 % 60, 2), b":", digits(seconds % 60, 2))
