"""The worst recovery point to expect, and how far a drill's figures reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.builders import make_plan, record_of

from blackstart.plan import Plan
from blackstart.prediction import cycle_durations, predict, worst_case
from blackstart.record import BackupDone, RunRecord
from blackstart.report import view
from blackstart.scenario import Production

GIGABYTE = 10**9


def backup(role: str, cycle: int, begin: float, end: float, error: str = "") -> BackupDone:
    return BackupDone(role=role, id=f"{role}-{cycle}", cycle=cycle, started_s=begin, completed_s=end, error=error)


def cycle(number: int, begin: float, *, error: str = "") -> tuple[BackupDone, ...]:
    """A cycle of two seconds, the database's backup first."""
    return (
        backup("database", number, begin, begin + 1),
        backup("uploads", number, begin + 1, begin + 1.5, error),
        backup("cache", number, begin + 1.5, begin + 2),
    )


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    """A run whose shop had a gigabyte, and whose longest complete cycle took two seconds."""
    backups = (*cycle(1, 0), *cycle(2, 10), *cycle(3, 20, error="cut short"))
    return replace(record_of(tmp_path), backups=backups, sizes={"database": 9 * 10**8, "uploads": 10**8, "cache": 5})


def with_production(size: float, interval: float) -> Plan:
    made = make_plan()
    return replace(made, scenario=replace(made.scenario, production=Production(size=size, backup_interval=interval)))


def test_only_complete_cycles_have_a_duration(record: RunRecord) -> None:
    """One whose uploads failed says nothing of how long a backup takes."""
    assert {1: 2.0, 2: 2.0} == cycle_durations(make_plan(), record)


def test_the_worst_case_is_interval_and_duration(record: RunRecord) -> None:
    """A write just after a snapshot is lost just before the next backup completes."""
    found = predict(make_plan(), record)

    assert found is not None
    assert (GIGABYTE, 2.0, 5.0 + 2.0, None) == (
        found.drilled_bytes, found.longest_backup_s, found.worst_rpo_s, found.production,
    )  # fmt: skip


def test_a_backup_longer_than_the_interval_stretches_it() -> None:
    """A late cycle starts at once, so its own duration is the interval."""
    assert (70.0, 200.0) == (worst_case(60, 10), worst_case(60, 100))


def test_production_scales_the_backup_by_bytes(record: RunRecord) -> None:
    """A hundred times the size: 200 s a backup, and an hour between two."""
    found = predict(with_production(100 * GIGABYTE, 3600), record)

    assert found is not None
    assert found.production is not None
    assert (100.0, 200.0, 3800.0) == (
        found.production.times_drilled, found.production.backup_s, found.production.worst_rpo_s,
    )  # fmt: skip


def test_nothing_is_predicted_from_nothing(record: RunRecord) -> None:
    """No complete backup, or no size: no prediction rather than a figure."""
    assert predict(make_plan(), replace(record, backups=())) is None
    assert predict(make_plan(), replace(record, sizes={})) is None


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (make_plan(), "hold for the drilled size only (1 GB)"),
        (with_production(100 * GIGABYTE, 3600), "the worst RPO is 63 m 20 s"),
        (with_production(100 * GIGABYTE, 3600), "beyond the RPO objective of 15.0 s"),
    ],
)
def test_the_report_says_how_far_its_figures_reach(plan: Plan, said: str, record: RunRecord) -> None:
    """Without production figures nothing is claimed for production."""
    from tests.core.builders import measured

    from blackstart import judge

    verdict = judge.judge(plan, record, measured())

    assert said in view.build(plan, record, verdict).holds_for
