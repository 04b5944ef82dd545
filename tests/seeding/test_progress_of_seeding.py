"""Whoever watches is told how far the seeding has come."""

import time

import pytest

from blackstart.seeding.meter import Meter


def test_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done, of how much, how fast, how long still; and not more often than every quarter of a second."""
    now, said = 100.0, list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    counted = Meter(said.append, "rows", 998_000, estimated=True)
    for now in (100.1, 100.2, 102.0, 102.1, 102.2, 110.0):  # noqa: B007 -- the clock reads it
        counted.add(103_000)

    assert said == [
        "seeding: 309,000 of about 998,000 rows, 154,500 rows/s, 4 s left",
        "seeding: 618,000 of about 998,000 rows, 61,800 rows/s, 6 s left",
    ]


def test_more_than_expected_leaves_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An estimate that was too low does not end below zero."""
    now, said = 0.0, list[str]()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    counted = Meter(said.append, "files", 10)
    now = 1.0
    counted.add(12)

    assert said == ["seeding: 12 of 10 files, 12 files/s, 0 s left"]
