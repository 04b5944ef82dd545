"""Durations as people write them, and the exit code of several runs."""

from __future__ import annotations

import itertools

import pytest

from blackstart.errors import (
    BlackstartError,
    ExitCode,
    Interrupted,
    NotConducted,
    NotRecovered,
    Problem,
    Refused,
    worst_of_several,
)
from blackstart.units import format_duration, format_rate, parse_duration, parse_rate


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("5s", 5), ("1.5s", 1.5), ("1m30s", 90), ("2h", 7200), ("1d", 86400), ("0s", 0), ("10us", 1e-5)],
)
def test_durations(text: str, seconds: float) -> None:
    """Number and unit, as often as one likes."""
    assert seconds == pytest.approx(parse_duration(text))


@pytest.mark.parametrize(
    "text", ["", "5", "s", "5 s", " 5s", "5s ", "-5s", "1h30", "5S", "5sec", "1e3s", ".5s", "٥s", "5s\n"]
)
def test_no_durations(text: str) -> None:
    """A number without a unit is none; neither is anything else that one would have to guess."""
    with pytest.raises(ValueError, match="is not a duration such as"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "bits_per_s"), [("500bit", 500), ("16kbit", 16_000), ("1.5mbit", 1_500_000)])
def test_rates(text: str, bits_per_s: float) -> None:
    """Bits a second, in powers of ten, and written as they are read."""
    assert bits_per_s == parse_rate(text)
    assert text == format_rate(bits_per_s)


@pytest.mark.parametrize("text", ["", "16", "kbit", "16 kbit", "16kB", "0kbit", "0.5bit", "-1kbit", "16kbits"])
def test_no_rates(text: str) -> None:
    """Nothing comes through at less than a bit a second."""
    with pytest.raises(ValueError, match="is not a rate such as"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0005, "0.5 ms"),
        (0.001, "1 ms"),
        (0.42, "0.42 s"),
        (9.1, "9.1 s"),
        (119.9, "119.9 s"),
        (125, "2 m 05 s"),
        (7200, "2 h 00 m"),
        (11_220, "3 h 07 m"),
    ],
)
def test_durations_for_people(seconds: float, text: str) -> None:
    """Short, with a unit, and no more digits than mean something."""
    assert text == format_duration(seconds)


WORST_FIRST = [130, 1, 70, 3, 4, 5, 0]


@pytest.mark.parametrize(("worse", "better"), list(itertools.combinations(WORST_FIRST, 2)))
def test_the_worst_of_several_runs(worse: int, better: int) -> None:
    """Lost data is worse than a bug of ours, which is worse than having proven nothing."""
    assert worse == worst_of_several([ExitCode(better), ExitCode(worse), ExitCode(better)])


def test_no_run_is_no_harm() -> None:
    """Nothing asked, nothing wrong."""
    assert ExitCode.PASS == worst_of_several([])


def test_exit_codes_of_errors() -> None:
    """Each error ends a command with the contract's number; one that is nothing else is a bug."""
    codes = [error.exit_code for error in (Refused, NotConducted, NotRecovered, BlackstartError)]

    assert [2, 3, 1, 70] == codes
    assert not issubclass(Interrupted, Exception), "no `except Exception` may swallow a signal"


def test_messages() -> None:
    """A hint stands on a line of its own; a problem is `file:line: key: what; allowed: …`."""
    assert "no\n  hint: try yes" == str(Refused("no", hint="try yes"))
    assert "f:3: a.b: is bad; allowed: good" == str(Problem(file="f", line=3, key="a.b", what="is bad", allowed="good"))
    assert "f:1: is empty" == str(Problem(file="f", line=1, key="", what="is empty"))
