"""A volume as one tar, cold or hot, on every engine: a copy of a running database must be told from one at rest."""

from __future__ import annotations

import tarfile
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.contract.conftest import Live
from tests.contract.test_procedures import packed, rewritten

from blackstart.backups import Backup
from blackstart.errors import NotConducted
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.observe import database, files, keys
from blackstart.procedures.base import BackupFailed, replace_volume
from blackstart.procedures.volume_archive import VolumeArchive
from blackstart.stack import Role
from blackstart.waiting import poll

ROLES_STOPPED: dict[Role, str] = {"database": "global/pg_control", "cache": ".aof.manifest"}
"""Each with a file that it cannot do without."""
WHY = "the contract test shows what such a copy is worth"


def archived(live: Live, role: Role, folder: Path, procedure: VolumeArchive) -> Backup:
    """A complete backup."""
    store = type(live.stage.backups)(folder)
    place = store.begin(role, "one")
    return store.complete(place, procedure.backup(live.stage.shop, role, place, live.stage.clock, 1))


def content(live: Live, role: Role) -> Any:
    """What a store holds now."""
    shop = live.stage.shop
    if role == "database":
        with shop.database() as connection:
            return database.fingerprint(connection)
    if role == "uploads":
        return files.of_volume(shop.engine, shop.volume(role))
    with shop.cache() as client:
        return dict(keys.fingerprint(client))


def found(live: Live, backup: Backup) -> Observation:
    """What the procedure sees of an artefact."""
    (seen,) = VolumeArchive().examine(backup, live.stage.shop)
    return seen


@pytest.mark.parametrize("role", ["database", "uploads", "cache"])
def test_a_cold_copy_brings_everything_back(role: Role, live: Live, tmp_path: Path) -> None:
    """Stopped, read, started; and on a new volume, which was empty, it is what it was."""
    shop = live.stage.shop
    service = shop.service(role)
    before, process = content(live, role), shop.engine.incarnation(service)
    backup = archived(live, role, tmp_path, VolumeArchive())
    after = shop.engine.incarnation(service)
    VolumeArchive().provision(shop, role)
    seen = list(VolumeArchive().restore(shop, role, backup))
    restored = content(live, role)
    shop.engine.start(shop.service("app"))

    assert after is not None
    assert (after != process) == (role != "uploads") == VolumeArchive().interrupts(role)
    assert outcome(found(live, backup)) == "pass"
    assert restored == before
    assert [(each.check, outcome(each)) for each in seen] == [("target-empty", "pass")]


def test_a_service_outlives_the_thread_that_backed_it_up(live: Live, tmp_path: Path) -> None:
    """The schedule ends long before the shop does: what it has started must not go with it."""
    shop = live.stage.shop
    backing = threading.Thread(target=archived, args=(live, "cache", tmp_path, VolumeArchive()))
    backing.start()
    backing.join(60)
    gone = poll(lambda: shop.engine.incarnation(shop.service("cache")) is None, within_s=1.0)

    assert (tmp_path / "cache" / "one" / "manifest.json").is_file()
    assert not gone
    assert content(live, "cache")


def test_a_place_that_is_not_empty_is_red(live: Live, tmp_path: Path) -> None:
    """What was there already did not come from the backup."""
    shop = live.stage.shop
    backup = archived(live, "cache", tmp_path, VolumeArchive())
    shop.engine.stop(shop.service("cache"))
    (seen,) = VolumeArchive().restore(shop, "cache", backup)

    assert outcome(seen) == "fail"
    assert "was there already" in seen.differences[0]


def test_a_hot_copy_of_a_database_is_red_before_it_is_restored(live: Live, tmp_path: Path) -> None:
    """Its control file says that the server was at work: some files are older than others."""
    backup = archived(live, "database", tmp_path, VolumeArchive(hot=True, hot_because=WHY))
    seen = found(live, backup)

    assert backup.manifest.options == {"hot": True, "hot_because": WHY}
    assert outcome(seen) == "fail"
    assert "in production when its files were read, not shut down" in seen.differences[0]


def test_a_database_that_does_not_shut_down_is_no_backup(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if nobody had stopped it: the copy is refused where it is made, and the server answers."""
    with monkeypatch.context() as patch:
        patch.setattr(live.stage.shop.engine, "stop", lambda service: None)
        with pytest.raises(BackupFailed, match="not shut down"):
            archived(live, "database", tmp_path, VolumeArchive())
    with live.stage.shop.database() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_service_starts_again_although_its_volume_could_not_be_read(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that fails must not be an outage that lasts."""

    def broken(volume: str) -> Any:
        raise NotConducted(f"reading the volume {volume} ended with 2")

    with monkeypatch.context() as patch:
        patch.setattr(live.stage.shop.engine, "read_volume", broken)
        with pytest.raises(BackupFailed, match="ended with 2"):
            archived(live, "database", tmp_path, VolumeArchive())
    with live.stage.shop.database() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_is_acknowledged_until_the_stop_is_in_it(live: Live, tmp_path: Path) -> None:
    """Somebody writes until the server is gone: every row that was committed comes back, so the moment is true."""
    shop, committed = live.stage.shop, list[int]()
    with shop.database() as connection:
        connection.execute("CREATE TABLE until_the_stop (n int)")

    def write() -> None:
        try:
            with shop.database() as connection:
                while True:
                    connection.execute(b"INSERT INTO until_the_stop VALUES (%s)", (len(committed),))
                    committed.append(len(committed))
        except psycopg.OperationalError:
            return  # the server is gone

    writer = threading.Thread(target=write)
    writer.start()
    backup = archived(live, "database", tmp_path, VolumeArchive())
    writer.join(30)
    replace_volume(shop, "database")
    list(VolumeArchive().restore(shop, "database", backup))
    with shop.database() as connection:
        there = {row[0] for row in connection.execute("SELECT n FROM until_the_stop").fetchall()}
        connection.execute("DROP TABLE until_the_stop")

    assert committed
    assert set(committed) <= there


def test_an_archive_without_one_of_its_files_does_not_parse(live: Live, tmp_path: Path) -> None:
    """A file of the cache, or the database's own control file, although size and digest fit."""
    backups = {role: archived(live, role, tmp_path, VolumeArchive()) for role in ROLES_STOPPED}
    said = {}
    for role, gone in ROLES_STOPPED.items():
        with tarfile.open(backups[role].artefact) as archive:
            kept = {m.name: archive.extractfile(m).read() for m in archive if m.isreg()}  # type: ignore[union-attr]
        less = {name: content for name, content in kept.items() if not name.endswith(gone)}
        assert len(less) == len(kept) - 1
        seen = found(live, rewritten(backups[role], packed(less)))
        said[role] = (outcome(seen), " ".join(seen.differences))

    assert {word for word, _ in said.values()} == {"fail"}
    assert "it is of no database" in said["database"][1]
    assert ".manifest" in said["cache"][1]
