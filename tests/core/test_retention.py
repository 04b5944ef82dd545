"""Retention: what stays is what the rule says, and never less than the newest cycle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from blackstart.backups import BackupStore, Manifest, digest
from blackstart.retention import kept
from blackstart.scenario import BackupSpec, Retention
from blackstart.stack import Role

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ROLES: tuple[Role, ...] = ("database", "uploads")

_counts = st.integers(0, 6)
rules = st.builds(
    Retention,
    last=st.integers(1, 6),
    within=st.none() | st.floats(0, 10**7),
    daily=_counts,
    weekly=_counts,
    monthly=_counts,
)
moments = st.lists(st.integers(0, 200 * 86_400), max_size=40, unique=True).map(
    lambda ages: {n: BEGAN + timedelta(seconds=age) for n, age in enumerate(sorted(ages), start=1)}
)


@given(times=moments, rule=rules)
def test_the_newest_ones_stay_and_nothing_is_made_up(times: dict[int, datetime], rule: Retention) -> None:
    """At least the last n of those that there are, the newest one among them."""
    stay = kept(times, rule)

    assert set(sorted(times)[-rule.last :]) <= stay <= times.keys()


@given(times=moments, rule=rules)
def test_no_more_stay_than_the_rule_has_reasons_for(times: dict[int, datetime], rule: Retention) -> None:
    """Without an age, the counts bound how many there are."""
    bounded = Retention(last=rule.last, daily=rule.daily, weekly=rule.weekly, monthly=rule.monthly)

    assert len(kept(times, bounded)) <= rule.last + rule.daily + rule.weekly + rule.monthly


@given(times=moments, rule=rules)
def test_removing_at_every_cycle_ends_where_removing_once_does(times: dict[int, datetime], rule: Retention) -> None:
    """A schedule that removes as it goes never misses a cycle that the rule wants later on."""
    there: dict[int, datetime] = {}
    for number, moment in times.items():
        there[number] = moment
        there = {each: there[each] for each in kept(there, rule)}

    assert there.keys() == kept(times, rule)


@given(times=moments, rule=rules, shift=st.integers(-100, 0))
def test_the_newest_stays_whatever_the_clock_did(times: dict[int, datetime], rule: Retention, shift: int) -> None:
    """A wall clock that was set back makes the newest cycle look old; it is the newest all the same."""
    newest = len(times) + 1

    assert newest in kept({**times, newest: BEGAN + timedelta(days=shift)}, rule)


def test_grandfather_father_son() -> None:
    """Four cycles a day for 60 days: the newest of each day, week and month."""
    times = {n + 1: BEGAN + timedelta(hours=6 * n) for n in range(240)}  # 1 January, a Thursday, to 1 March 18:00
    stay = [times[n].strftime("%m-%d %H") for n in sorted(kept(times, Retention(last=2, daily=3, weekly=3, monthly=9)))]

    assert stay == ["01-31 18", "02-15 18", "02-22 18", "02-27 18", "02-28 18", "03-01 12", "03-01 18"]


def test_an_age_counts_from_the_newest() -> None:
    """All of the last hour, and none beyond it."""
    times = {n: BEGAN + timedelta(minutes=25 * n) for n in range(1, 7)}

    assert kept(times, Retention(within=3600)) == {4, 5, 6}


def test_the_week_of_two_years_is_one() -> None:
    """29 December to 4 January is one week, which is kept once."""
    times = {1: datetime(2025, 12, 29, tzinfo=UTC), 2: datetime(2026, 1, 4, 23, tzinfo=UTC)}

    assert kept(times, Retention(weekly=5)) == {2}


def test_a_number_is_short_for_the_last_so_many() -> None:
    """`keep: 3` means what it always did."""
    assert BackupSpec(procedures={}, keep=3).retention == Retention(last=3)


def test_incomplete_cycles_push_nothing_out(tmp_path: Path) -> None:
    """Two of two are kept, although three newer cycles lack a role; those keep what they have."""
    store = BackupStore(tmp_path)
    for number in (1, 2, 3):
        _cycle(store, number, *ROLES)
    for number in (4, 5, 6):
        _cycle(store, number, "database")
    store.retain(ROLES, Retention(last=2))

    assert _numbers(store, "uploads") == [2, 3]
    assert _numbers(store, "database") == [2, 3, 4, 5, 6]


def test_what_is_left_of_a_cycle_goes_with_time(tmp_path: Path) -> None:
    """Once as many newer ones are complete as are to stay."""
    store = BackupStore(tmp_path)
    _cycle(store, 1, "database")
    for number in (2, 3):
        _cycle(store, number, *ROLES)
    store.retain(ROLES, Retention(last=2))

    assert _numbers(store, "database") == [2, 3]


def test_the_only_good_cycle_outlives_cut_ones(tmp_path: Path) -> None:
    """A newer cycle whose artefact is gone or shorter than its manifest says takes nobody's place."""
    store = BackupStore(tmp_path)
    for number in (1, 2, 3):
        _cycle(store, number, *ROLES)
    by_number = {backup.manifest.cycle: backup for backup in store.complete_backups("database")}
    by_number[2].artefact.unlink()
    by_number[3].artefact.write_bytes(b"")
    store.retain(ROLES, Retention(last=1))

    assert 1 in _numbers(store, "database")
    assert 1 in _numbers(store, "uploads")


def _cycle(store: BackupStore, number: int, *roles: Role) -> None:
    for role in roles:
        folder = store.begin(role, f"{role}-{number:03}")
        (folder / "artefact").write_bytes(b"rows")
        size, sha256 = digest(folder / "artefact")
        at = (BEGAN + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
        manifest = Manifest(
            id=folder.name,
            run_id="r",
            cycle=number,
            role=role,
            procedure="p",
            started_s=number,
            snapshot_s=number,
            completed_s=number,
            completed_at=at,
            bytes=size,
            sha256=sha256,
        )
        store.complete(folder, manifest)


def _numbers(store: BackupStore, role: Role) -> list[int]:
    return [backup.manifest.cycle for backup in store.complete_backups(role)]
