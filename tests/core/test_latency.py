"""How long customers waited, before and after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.builders import T8, operation, record_of

from blackstart.latency import compare
from blackstart.ledger import Operation


def waits(prefix: str, begin: float, seconds: list[float], **more: object) -> list[Operation]:
    """Operations that begin at one moment and take so long each."""
    return [operation(f"{prefix}{n}", begin, begin + s, **more) for n, s in enumerate(seconds)]  # type: ignore[arg-type]


def test_the_percentile_is_an_observed_value(tmp_path: Path) -> None:
    """Of twenty waits of 1 to 20 ms the 95th percentile by nearest rank is 19 ms; afterwards all are 40 ms."""
    before = waits("b", 20.0, [n / 1000 for n in range(1, 21)])
    after = waits("a", T8 + 0.5, [0.04] * 3)
    found = compare(record_of(tmp_path), [*before, *after])["order"]

    assert (20, 3) == (found.before_n, found.after_n)
    assert found.before_p95_s == pytest.approx(0.019)
    assert found.after_p95_s == pytest.approx(0.04)


def test_only_customers_who_were_served_in_time_count(tmp_path: Path) -> None:
    """Not the smoke check's, not failures, not what overlaps the gate, the fault or the recovery."""
    others = [
        *waits("smoke", 20.0, [1.0], client=-1),
        *waits("failed", 20.0, [1.0], outcome="info"),
        *waits("over-the-gate", 9.9, [1.0]),
        *waits("over-the-fault", 29.5, [1.0]),
        *waits("in-the-outage", 35.0, [1.0]),
    ]
    found = compare(record_of(tmp_path), [*waits("b", 20.0, [0.01]), *others])["order"]

    assert (1, 0, None) == (found.before_n, found.after_n, found.after_p95_s)


def test_a_run_that_did_not_come_back_compares_nothing(tmp_path: Path) -> None:
    """Without T8 there is no afterwards."""
    record = record_of(tmp_path)
    cut = replace(record, marks={name: t for name, t in record.marks.items() if name != "T8"})

    assert compare(cut, waits("b", 20.0, [0.01])) == {}
