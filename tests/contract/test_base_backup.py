"""Base backup and log, on every engine: the end, the moment before an accident, and everything that is not whole."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.companions import accompanied
from tests.contract.conftest import Live

from blackstart.backups import Backup, digest
from blackstart.judge import outcome
from blackstart.phases.stage import Stage
from blackstart.procedures.base_backup import BaseBackup, archive
from blackstart.procedures.wal_archive import WalArchive
from blackstart.waiting import poll

REACHED_WITHIN_S = 30.0


@pytest.fixture
def backed(live: Live, tmp_path: Path) -> Iterator[Backup]:
    """A base backup, after which three notes were written, each in a segment of its own; the archive has them."""
    stage, procedure = live.stage, BaseBackup()
    with stage.shop.database() as connection:
        connection.execute("CREATE TABLE notes (said text, at timestamptz DEFAULT clock_timestamp())")
    folder = type(stage.backups)(tmp_path).begin("database", "one")
    with accompanied(procedure, stage):
        backup = Backup(folder=folder, manifest=procedure.backup(stage.shop, "database", folder, stage.clock, 1))
        for number in (1, 2, 3):
            note(stage, f"note {number}")
        reached(stage)
    yield backup
    with stage.shop.database() as connection:
        connection.execute("DROP TABLE IF EXISTS notes")


def note(stage: Stage, text: str) -> None:
    """A row, and then another segment of the log."""
    with stage.shop.database() as connection:
        connection.execute("INSERT INTO notes (said) VALUES (%s)", (text,))
        connection.execute("SELECT pg_switch_wal()")


def reached(stage: Stage) -> None:
    """Wait until the archive has all that is flushed by now."""
    now = stage.clock.now()

    def there() -> bool:
        held = archive(stage.shop).state()
        return held is not None and held.pulled_s > now

    assert poll(there, within_s=REACHED_WITHIN_S)


def restored(stage: Stage, backup: Backup, procedure: BaseBackup) -> tuple[list[str], set[str]]:
    """The notes that are there after a restore on a new volume, and what was observed of it."""
    procedure.provision(stage.shop, "database")
    seen = list(procedure.restore(stage.shop, "database", backup))
    with stage.shop.database() as connection:
        rows = connection.execute("SELECT said FROM notes ORDER BY at").fetchall()
        settings = connection.execute(
            "SELECT count(*) FROM pg_file_settings WHERE name IN ('restore_command', 'recovery_target_time')"
        ).fetchone()
    assert settings == (0,)
    return [row[0] for row in rows], {outcome(each) for each in seen}


def test_the_log_is_replayed_to_its_end(backed: Backup, live: Live) -> None:
    """What was written after the backup is there, and what must be so is the moment of the last copy."""
    procedure, stage = BaseBackup(), live.stage
    aimed = procedure.aimed(backed, stage.shop, stage.clock, stage.clock.now())

    assert aimed.manifest.snapshot_s > backed.manifest.completed_s
    assert aimed.manifest.until_s is None
    assert {outcome(each) for each in procedure.examine(backed, stage.shop)} == {"pass"}
    assert restored(stage, aimed, procedure) == (["note 1", "note 2", "note 3"], {"pass"})


def test_the_log_is_replayed_to_just_before_the_fault(live: Live, tmp_path: Path) -> None:
    """What was written before that moment is there, what was written after it is not."""
    procedure, stage = BaseBackup(to="before-fault"), live.stage
    with stage.shop.database() as connection:
        connection.execute("CREATE TABLE notes (said text, at timestamptz DEFAULT clock_timestamp())")
    folder = type(stage.backups)(tmp_path).begin("database", "one")
    with accompanied(procedure, stage):
        made = Backup(folder=folder, manifest=procedure.backup(stage.shop, "database", folder, stage.clock, 1))
        note(stage, "before")
        t0_s = stage.clock.now()
        note(stage, "after")
        reached(stage)
    aimed = procedure.aimed(made, stage.shop, stage.clock, t0_s)
    there = restored(stage, aimed, procedure)
    with stage.shop.database() as connection:
        connection.execute("DROP TABLE notes")

    assert aimed.manifest.until_s == aimed.manifest.snapshot_s == t0_s
    assert there == (["before"], {"pass"})


def test_a_missing_segment_is_named_and_never_passed_over(backed: Backup, live: Live) -> None:
    """By the audit before the restore; and were nobody to look, by where the recovery stopped."""
    procedure, stage = BaseBackup(), live.stage
    held = archive(stage.shop).state()
    assert held is not None
    names = list(held.names(int(str(backed.manifest.options["begin"]))))
    gone = archive(stage.shop).folder / names[len(names) // 2]
    content = gone.read_bytes()
    gone.unlink()
    (missing,) = procedure.examine(backed, stage.shop)
    there, seen = restored(stage, procedure.aimed(backed, stage.shop, stage.clock, 0.0), procedure)
    gone.write_bytes(content[:-1])
    (cut,) = procedure.examine(backed, stage.shop)

    gone.write_bytes(content)
    last = archive(stage.shop).folder / names[-1]
    whole = last.read_bytes()
    last.write_bytes(whole.replace(b"note 3", b"note 4") if b"note 3" in whole else bytes([whole[0] ^ 1]) + whole[1:])
    (flipped_last,) = procedure.examine(backed, stage.shop)
    last.write_bytes(whole)
    (sound,) = procedure.examine(backed, stage.shop)

    assert [outcome(each) for each in (missing, cut, flipped_last, sound)] == ["fail", "fail", "fail", "pass"]
    assert flipped_last.differences == (f"the archive lacks {last.name}, or what it has is not what the server gave",)
    assert (
        missing.differences
        == cut.differences
        == (f"the archive lacks {gone.name}, or what it has is not what the server gave",)
    )
    assert there != ["note 1", "note 2", "note 3"]
    assert "fail" in seen


def flipped(content: bytes, name: str) -> bytes:
    """Another byte in one file."""
    return content[:-1] + bytes([content[-1] ^ 1]) if name.endswith("PG_VERSION") else content


def without(content: bytes, name: str) -> bytes | None:
    """One file fewer."""
    return None if name.endswith("PG_VERSION") else content


def unlisted(content: bytes, name: str) -> bytes:
    """Another list."""
    return content.replace(b'"Size"', b'"size"', 1) if name == "backup_manifest" else content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flipped, "is not what it was"),
        (without, "is missing"),
        (unlisted, "own list of files is missing, cut or changed"),
    ],
)
def test_files_that_are_not_what_the_list_says(
    change: Callable[[bytes, str], bytes | None], said: str, backed: Backup, live: Live
) -> None:
    """Although size and digest of the whole fit: each file is compared with the backup's own list."""
    out = io.BytesIO()
    with tarfile.open(backed.artefact) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            file = source.extractfile(member) if member.isreg() else None
            content = change(file.read(), member.name) if file else b""
            if content is not None:
                member.size = len(content)
                target.addfile(member, io.BytesIO(content) if file else None)
    backed.artefact.write_bytes(out.getvalue())
    size, sha256 = digest(backed.artefact)
    spoilt = replace(backed, manifest=replace(backed.manifest, bytes=size, sha256=sha256))
    (seen,) = BaseBackup().examine(spoilt, live.stage.shop)

    assert outcome(seen) == "fail"
    assert said in " ".join(seen.differences)


def test_nothing_is_copied_from_another_server(live: Live, tmp_path: Path) -> None:
    """Its log has the same names, and would spoil the archive."""
    kept = WalArchive(tmp_path / "wal")
    with live.stage.shop.database() as connection:
        assert kept.pull(connection, live.stage.clock.now)
        held = kept.state()
        assert held is not None
        text = (kept.folder / "archive.json").read_text()
        (kept.folder / "archive.json").write_text(text.replace(held.system, "4711"))
        before = {path.name: path.read_bytes() for path in kept.folder.iterdir()}

        assert not kept.pull(connection, live.stage.clock.now)
        assert {path.name: path.read_bytes() for path in kept.folder.iterdir()} == before
