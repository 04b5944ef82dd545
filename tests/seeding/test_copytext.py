"""Texts made for many rows at once are those that would be made one at a time."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.seeding.copied import array as parsed_array
from tests.seeding.copied import value

from blackstart.seeding import copytext
from blackstart.seeding.copytext import NULL, array, dates, digits, either, glue, hexadecimal, lines, moments, money

NUMBERS = st.lists(st.integers(0, 10**12), min_size=1, max_size=20)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
MOMENTS = st.datetimes(datetime(1940, 1, 1), datetime(2039, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def written(texts: copytext.Texts) -> list[str]:
    return lines([texts]).decode().removesuffix("\n").split("\n")


@given(NUMBERS, st.integers(1, 8))
def test_digits(numbers: list[int], least: int) -> None:
    """Whole numbers are written as Python writes them, with as many zeros as asked for."""
    assert [f"{number:0{least}d}" for number in numbers] == written(digits(np.array(numbers), least))


@given(NUMBERS)
def test_money(cents: list[int]) -> None:
    """Amounts have two decimals."""
    assert [f"{number // 100}.{number % 100:02d}" for number in cents] == written(money(np.array(cents)))


@given(st.lists(MOMENTS, min_size=1, max_size=10))
def test_moments(expected: list[datetime]) -> None:
    """Moments come back to the microsecond, and days as days."""
    since = np.array([copytext.micros(moment) for moment in expected])

    assert expected == [value("placed_at", text) for text in written(moments(since))]
    assert [moment.date() for moment in expected] == [
        date.fromisoformat(text) for text in written(dates(since // 86_400_000_000))
    ]


@given(st.lists(TEXT, min_size=1, max_size=5).map(tuple))
def test_words_come_back(words: tuple[str, ...]) -> None:
    """Tabs, line feeds, backslashes and letters of any script are escaped as COPY undoes it."""
    assert list(words) == [value("name", text) for text in written(copytext.pool(words))]


@given(st.lists(TEXT, max_size=4))
def test_arrays_come_back(words: list[str]) -> None:
    """Commas, quotes, braces and backslashes within an array's texts are data."""
    assert words == parsed_array(array(words))


def test_blanks_vanish() -> None:
    """Texts of different lengths stand side by side without a gap, also within texts that were put together."""
    names, numbers = copytext.pool(("a", "bcd", "")), digits(np.array([7, 12345, 70]))
    both = glue(names, b"-", numbers, b";")

    assert b"a-7;\ta\nbcd-12345;\tbcd\n-70;\t\n" == lines([both, names])
    assert b"a-7;\n\\N\n-70;\n" == lines([either(np.array([True, False, True]), both, NULL)])


def test_bytes_as_digits() -> None:
    """Two digits a byte."""
    assert ["00ff10", "abcdef"] == written(hexadecimal(np.array([[0, 255, 16], [0xAB, 0xCD, 0xEF]], dtype=np.uint8)))


def test_no_rows_are_no_bytes() -> None:
    """Sources that make no rows make nothing."""
    assert b"" == lines([digits(np.array([], dtype=np.int64)), b"0"])


def test_days_beyond_the_calendar_are_refused() -> None:
    """A day that has no text is an error and not another day."""
    with pytest.raises(IndexError):
        dates(np.array([timedelta(days=365 * 200).days]))
