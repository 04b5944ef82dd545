"""A backup that stops a service takes turns, and only what it has started itself may have restarted before a fault."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from blackstart.activities import backup_schedule
from blackstart.activities.backup_schedule import BackupSchedule
from blackstart.errors import NotConducted
from blackstart.phases import moments
from blackstart.phases.moments import Moment, Since
from blackstart.waiting import poll


@pytest.fixture(params=[True, False], ids=["stops its service", "stops nothing"])
def interrupting(request: pytest.FixtureRequest) -> bool:
    """Whether the backup does."""
    return bool(request.param)


@pytest.fixture
def schedule(interrupting: bool, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A schedule of one such procedure, which has made no backup yet."""
    made = SimpleNamespace(interrupts=lambda role: interrupting) if interrupting else SimpleNamespace()
    monkeypatch.setattr(backup_schedule, "procedure", lambda spec: made)
    shop: Any = SimpleNamespace(service=str, engine=SimpleNamespace(incarnation=lambda service: "anew"))
    plan: Any = SimpleNamespace(backup=SimpleNamespace(procedures={"database": None}))
    found: Any = BackupSchedule(shop, plan, *[SimpleNamespace()] * 2)  # type: ignore[arg-type]
    found.made = []
    monkeypatch.setattr(found, "_backup", lambda role: not found.made.append(role))
    return found


def test_who_needs_the_service_keeps_a_backup_from_stopping_it(schedule: Any, interrupting: bool) -> None:
    """It waits for its turn, and is made then; one that stops nothing need not."""
    backing = threading.Thread(target=schedule._in_turn, args=["database"])
    with schedule.uninterrupted():
        backing.start()
        at_once = bool(poll(lambda: schedule.made, within_s=0.3))
    backing.join(5)

    assert at_once != interrupting
    assert schedule.made == ["database"]
    assert schedule.restarted == ({"database": "anew"} if interrupting else {})


def test_what_a_fault_has_broken_is_not_started_by_a_backup(schedule: Any, interrupting: bool) -> None:
    """Once the moment is seized; a backup that starts nothing goes on, and fails or not."""
    schedule.expect_failures()

    assert schedule._in_turn("database") != interrupting
    assert bool(schedule.made) != interrupting


@pytest.mark.parametrize(
    ("restarted", "running", "sound"),
    [({}, "1", True), ({"database": "2"}, "2", True), ({}, "2", False), ({"database": "2"}, "3", False)],
    ids=["none", "by a backup", "by itself", "by a backup and then by itself"],
)
def test_a_restart_before_the_fault_is_a_backup_s_or_the_end(
    restarted: dict[str, str], running: str, sound: bool, schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What restarts for another reason is nobody's drill."""
    schedule.restarted = restarted
    stage: Any = SimpleNamespace(
        plan=SimpleNamespace(
            scenario=SimpleNamespace(faults=[None]),
            cycle_phases=[None],
            stack=SimpleNamespace(services=[SimpleNamespace(name="database")]),
        ),
        shop=SimpleNamespace(engine=SimpleNamespace(incarnation=lambda service: running)),
        clock=SimpleNamespace(now=lambda: 1.0),
    )
    monkeypatch.setattr(moments, "_wait", lambda *words: Moment(words="now"))
    since = Since(began_s=0.0, running={"database": "1"}, struck_s={})
    busy: Any = SimpleNamespace(backups=schedule)

    if sound:
        assert moments.seize(stage, busy, 0, since, lambda: None) == (Moment(words="now"), 1.0)
    else:
        with pytest.raises(NotConducted, match="a service restarted before the fault"):
            moments.seize(stage, busy, 0, since, lambda: None)
    assert schedule._ended == sound
