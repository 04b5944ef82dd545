"""When a fault fires: at a phase of the backup cycle that the seed draws, or just before a backup completes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from tests.core.builders import make_plan

from blackstart.activities.backup_schedule import BackupSchedule, UnderWay
from blackstart.phases.moments import NEARLY_COMPLETE, Moment, Since, _holds, _in_phase, _nearly_complete
from blackstart.plan import LATEST_PHASE, Plan, _cycle_phase
from blackstart.scenario import After, Fault, SinceBackup


def schedule(**more: Any) -> Any:
    """As much of a backup schedule as a moment is told by."""
    return SimpleNamespace(**{"last_completed_s": 100.0, "every_s": 10.0, "under_way": None, "usual_s": {}, **more})


def phase(seed: int, **after: Any) -> float | None:
    return _cycle_phase(Fault(kind="x", after=After(**after)), seed, 0)


def test_the_seed_draws_the_phase() -> None:
    """The same seed, the same phase; others spread over the cycle, short of its end."""
    drawn = [phase(seed, backups=1) for seed in range(200)]

    assert drawn == [phase(seed, backups=1) for seed in range(200)]
    assert all(p is not None and 0 <= p <= LATEST_PHASE for p in drawn)
    assert {int(10 * (p or 0)) for p in drawn} == set(range(9))


@pytest.mark.parametrize(
    "after", [{}, {"acknowledged": 5}, {"backups": 1, "since_backup": SinceBackup(elapsed=3)}], ids=str
)
def test_a_moment_that_the_scenario_names_stays(after: dict[str, Any]) -> None:
    """No phase is drawn where the fault does not wait for a backup, or says itself how long after one."""
    assert phase(1, **after) is None


def test_the_plan_names_the_phase() -> None:
    """It is decided before anything starts."""
    made: Plan = make_plan()

    assert len(made.cycle_phases) == len(made.scenario.faults)
    assert made.cycle_phases[0] is not None


def test_a_phase_is_waited_for() -> None:
    """At 40% of a cycle of 10 s the fault fires 4 s after the backup completed, and not before."""
    assert _in_phase(schedule(), 0.4, 103.9) is None
    assert _in_phase(schedule(last_completed_s=None), 0.4, 500.0) is None
    reached = _in_phase(schedule(), 0.4, 104.1)
    assert reached is not None
    assert "41% of the interval" in reached.words


def test_without_a_phase_the_moment_is_the_scenarios() -> None:
    """Nothing is waited for that nobody asked for."""
    assert Moment(words="as the scenario says") == _in_phase(None, None, 0.0)


@pytest.mark.parametrize(
    ("role", "usual", "elapsed", "fires"),
    [
        ("database", 1.0, NEARLY_COMPLETE + 0.01, True),
        ("database", 1.0, NEARLY_COMPLETE - 0.01, False),
        ("database", None, 5.0, False),
        ("uploads", 1.0, 0.9, False),
    ],
)
def test_just_before_a_backup_completes(role: Any, usual: float | None, elapsed: float, fires: bool) -> None:
    """Only a backup of what is struck, only near its end, only where it is known how long one takes."""
    under_way = UnderWay(role=role, id="one", began_s=50.0)
    made = schedule(under_way=under_way, usual_s={role: usual} if usual else {})

    assert fires == bool(_nearly_complete(made, ["database"], 50.0 + elapsed))


def test_between_two_backups_none_is_about_to_complete() -> None:
    """The fault waits for the next one."""
    assert _nearly_complete(schedule(usual_s={"database": 1.0}), ["database"], 50.0) is None


def test_a_fault_strikes_the_roles_of_what_it_names() -> None:
    """By service or by volume; one that names neither says itself what it strikes."""
    from blackstart.faults.delete_volume import DeleteVolume
    from blackstart.faults.down_volumes import DownVolumes

    stack = make_plan().stack

    assert ("uploads",) == DeleteVolume(volume="uploads").strikes(stack)
    assert ("database", "uploads", "cache") == DownVolumes().strikes(stack)
    assert () == replace(DeleteVolume(volume="logs")).strikes(stack)


def holds(after: After, struck_s: dict[str, float], now: float = 100.0, backups: Any = None) -> bool:
    """Whether a moment has come, in a run whose customers did nothing and whose gate was passed at 50 s."""
    stage: Any = SimpleNamespace(
        writes=SimpleNamespace(operations=list), clock=SimpleNamespace(now=lambda: now), plan=make_plan()
    )
    return _holds(after, stage, backups, Since(began_s=50.0, running={}, struck_s=struck_s))


def test_a_fault_follows_another_one() -> None:
    """Not before it has struck; and then the time counts from there, not from the gate."""
    after = After(fault="first", elapsed=10)

    assert not holds(after, {})
    assert not holds(after, {"first": 91.0})
    assert holds(after, {"first": 89.0})
    assert holds(After(elapsed=10), {})


@pytest.mark.parametrize(
    ("after", "began_s", "come"),
    [
        (After(backups=2), [60.0, 70.0], True),
        (After(backups=2, fault="first"), [60.0, 70.0], False),
        (After(backups=2, fault="first"), [60.0, 70.0, 81.0], False),
        (After(backups=2, fault="first"), [60.0, 70.0, 81.0, 85.0], True),
    ],
    ids=["without a fault before", "before it", "one since", "two since"],
)
def test_after_a_fault_the_backups_begun_since_count(after: After, began_s: list[float], come: bool) -> None:
    """One that was under way when the other fault struck may have read what was there before it."""
    schedule: Any = BackupSchedule(*[SimpleNamespace(backup=SimpleNamespace())] * 4)  # type: ignore[arg-type]
    schedule._began_s = began_s
    schedule.last_completed_s = began_s[-1]

    assert come == holds(after, {"first": 80.0}, backups=schedule)
