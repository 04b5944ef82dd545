"""Two verdicts of one run side by side: each difference in a line, and nothing where nothing differs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.builders import seen

from blackstart.record import RunRecord
from blackstart.rejudging import changes, judged

CHECK = {"name": "checksums", "subject": "public.orders", "stage": "verify", "outcome": "pass"}
BEFORE: dict[str, Any] = {
    "verdict": "pass",
    "exit_code": 0,
    "reasons": ["recovered and proven"],
    "rto": {"actual_s": 9.1, "censored": False},
    "rpo": {"actual_s": 4.2, "lost": 17},
    "checks": [CHECK],
    "checkers": {"orders": "1"},
}


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"verdict": "missed"}, ["verdict: pass → missed"], id="verdict"),
        pytest.param({"exit_code": 4}, ["exit code: 0 → 4"], id="exit-code"),
        pytest.param(
            {"rto": {"actual_s": None, "censored": True}},
            ["RTO actual: 9.1 → none", "RTO censored: False → True"],
            id="rto",
        ),
        pytest.param(
            {"rpo": {"actual_s": 4.2, "lost": 18, "holes": 1}}, ["lost writes: 17 → 18", "holes: none → 1"], id="rpo"
        ),
        pytest.param(
            {"reasons": ["lost"]}, ["no reason any more: recovered and proven", "a reason now: lost"], id="reasons"
        ),
        pytest.param(
            {"checks": [{**CHECK, "outcome": "fail"}]},
            ["check checksums of public.orders (verify): pass → fail"],
            id="outcome",
        ),
        pytest.param(
            {"checks": [CHECK, {**CHECK, "outcome": "error"}]},
            ["check checksums of public.orders (verify): pass → pass, error"],
            id="outcome-of-a-second-look",
        ),
        pytest.param({"checks": []}, ["check checksums of public.orders (verify): pass → none"], id="check-gone"),
        pytest.param(
            {"checkers": {"orders": "2", "stock": "1"}},
            ["checker orders: 1 → 2", "checker stock: none → 1"],
            id="checkers",
        ),
    ],
)
def test_each_difference_is_named(after: dict[str, Any], lines: list[str]) -> None:
    """What it was, and what it is now."""
    assert lines == list(changes(BEFORE, {**BEFORE, **after}))


def test_a_verdict_that_cannot_be_read() -> None:
    """It is said, and is not taken for one that had nothing else to say."""
    record = RunRecord(observations=(seen("ledger", "gate"), *[seen("ledger", "final")] * 2, seen("uploads", "gate")))
    note = judged(2, "2026-01-02T03:04:05.000Z", "0.1", before=None, after=BEFORE, record=record, redone=["gate"])

    assert ("the verdict before this one cannot be read",) == note.changes
    assert "3 observations need a live stack and are those of the run" == note.kept
    assert (("ledger (final)", "uploads (gate)"), ("ledger (gate)",)) == (note.kept_checks, note.redone_checks)
