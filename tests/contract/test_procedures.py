"""Every procedure that makes backups, on every engine: what it writes must be judged as it is."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.companions import accompanied
from tests.contract.conftest import Live
from tests.contract.volumes import changed_tar, link, replace_files, spooled

from blackstart import registry
from blackstart.activities import backup_schedule
from blackstart.backups import Backup, digest
from blackstart.checks import parse
from blackstart.child import Completed
from blackstart.engines.base import DeletesVolumes
from blackstart.judge import outcome
from blackstart.observe import files, tables
from blackstart.phases.restore import trust_and_examine
from blackstart.procedures.base import BackupFailed, Procedure
from blackstart.procedures.pg_dump import PgDump
from blackstart.procedures.redis_aof import RedisAof
from blackstart.procedures.uploads_archive import UploadsArchive
from blackstart.procedures.uploads_mirror import UploadsMirror
from blackstart.scenario import ProcedureSpec

CASES: list[tuple[str, dict[str, Any]]] = [
    ("pg-dump", {"format": "custom"}),
    ("pg-dump", {"format": "plain"}),
    ("pg-dump-parallel", {"compress": "lz4"}),
    ("base-backup", {}),
    ("uploads-archive", {}),
    ("uploads-mirror", {}),
    ("redis-rdb", {}),
    ("redis-aof", {}),
    ("volume-archive", {}),
    ("runbook", {"steps": [{"kind": "exec", "run": ["pg_dump"], "stdout": "shop.sql"}]}),
]


TAR = tarfile.TarInfo("x").tobuf() + bytes(1024)


@pytest.fixture(params=CASES, ids=lambda case: "-".join(filter(None, [case[0], case[1].get("format")])))
def made(request: pytest.FixtureRequest, live: Live, tmp_path: Path) -> tuple[Procedure, Backup]:
    """A complete backup by each procedure."""
    kind, options = request.param
    procedure = backup_schedule.procedure(ProcedureSpec(kind=kind, options=options))
    stage = live.stage
    store = type(stage.backups)(tmp_path)
    folder = store.begin(procedure.ROLES[0], "one")
    with accompanied(procedure, stage):
        manifest = procedure.backup(stage.shop, procedure.ROLES[0], folder, stage.clock, 1)
    return procedure, store.complete(folder, manifest)


def test_every_procedure_with_backups_is_among_the_cases() -> None:
    """A procedure that restores from backups cannot be added without being tried here."""
    with_backups = {name for name, kind in registry.procedures().items() if kind.FROM_BACKUP}  # type: ignore[attr-defined]

    assert {name for name, _ in CASES} == with_backups


def test_a_good_artefact_is_green(made: tuple[Procedure, Backup], live: Live) -> None:
    """It is not empty, parses, and is what its manifest says."""
    procedure, backup = made

    assert backup.manifest.bytes > 0
    seen = list(procedure.examine(backup, live.stage.shop))
    assert [each.differences for each in seen if outcome(each) != "pass"] == []
    assert seen
    assert _trusted(live, procedure, backup)["artefact"] == "pass"


def test_a_cut_artefact_is_not_green(made: tuple[Procedure, Backup], live: Live) -> None:
    """A few bytes of it: neither its digest nor its structure passes."""
    procedure, backup = made
    content = backup.artefact.read_bytes()
    backup.artefact.write_bytes(content[:100])
    seen = _trusted(live, procedure, backup)

    assert ("fail", "fail") == (seen["artefact"], seen["parse"])


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_cut_artefact_does_not_parse(part: float, made: tuple[Procedure, Backup], live: Live) -> None:
    """Although its manifest was written anew, so that size and digest fit: reading it to its end shows it."""
    procedure, backup = made
    content = backup.artefact.read_bytes().rstrip(b"\0")  # a tar's end is padded
    seen = _trusted(live, procedure, rewritten(backup, content[: int(len(content) * part)]))

    assert ("pass", "pass", "fail") == (seen["backup-fresh"], seen["artefact"], seen["parse"])


def test_something_else_in_its_place_does_not_parse(made: tuple[Procedure, Backup], live: Live) -> None:
    """A tar in the place of a dump, a dump in the place of a tar: it is called what it is."""
    procedure, backup = made
    found, content = ("a tar", TAR) if parse.kind_of(backup.artefact) != parse.TAR else ("an RDB file", b"REDIS0012")
    seen = list(procedure.examine(rewritten(backup, content), live.stage.shop))

    assert ["fail"] == [outcome(each) for each in seen]
    assert f"the artefact is {found}, not a" in seen[0].differences[0]


def test_an_artefact_of_another_run_is_not_fresh(made: tuple[Procedure, Backup], live: Live) -> None:
    """Another run's shop was another one; so was this run's own before it was seeded, and after the fault."""
    procedure, backup = made
    other = replace(backup, manifest=replace(backup.manifest, run_id="20200101T000000Z-other-000000"))
    later = live.stage.clock.now() + 1
    fresh = [
        _trusted(live, procedure, other),
        _trusted(live, procedure, backup, seeded_s=later),
        _trusted(live, procedure, backup, t0_s=0.0),
        _trusted(live, procedure, backup),
    ]

    assert ["fail", "fail", "fail", "pass"] == [seen["backup-fresh"] for seen in fresh]


def test_a_missing_artefact_is_not_green(made: tuple[Procedure, Backup], live: Live) -> None:
    """A manifest alone is no backup."""
    procedure, backup = made
    backup.artefact.unlink()
    seen = _trusted(live, procedure, backup)

    assert ("fail", "fail") == (seen["artefact"], seen["parse"])


def test_a_dump_with_a_table_too_few(live: Live, tmp_path: Path) -> None:
    """The manifest's tables and the dump's are the same ones; what either lacks is named."""
    shop = live.stage.shop
    folder = type(live.stage.backups)(tmp_path).begin("database", "one")
    manifest = PgDump().backup(shop, "database", folder, live.stage.clock, 1)
    assert manifest.database is not None
    tables = dict(manifest.database.tables)
    tables["public.ghosts"] = tables.pop("public.orders")
    other = replace(manifest, database=replace(manifest.database, tables=tables))
    (seen,) = PgDump().examine(Backup(folder=folder, manifest=other), shop)

    expected = ["the dump has no table public.ghosts", "the manifest has no table public.orders"]
    assert expected == list(seen.differences)


@pytest.mark.parametrize("procedure", [UploadsArchive(), UploadsMirror()], ids=lambda made: made.NAME)
def test_an_archive_brings_back_modes_links_and_empty_folders(procedure: Procedure, live: Live, tmp_path: Path) -> None:
    """What is restored equals the manifest in every mode, owner, link and folder, and not only in bytes."""

    def change(member: tarfile.TarInfo) -> None:
        if member.name.endswith("seed-000002.png"):
            member.mode, member.uid, member.gid = 0o4604, 4711, 4712

    shop, empty = live.stage.shop, tarfile.TarInfo("products/empty")
    assert isinstance(shop.engine, DeletesVolumes)
    empty.type, empty.mode = tarfile.DIRTYPE, 0o711
    before = spooled(live)
    replace_files(live, changed_tar(before, change, empty, link("products/also.png", "seed-000002.png")))
    folder = type(live.stage.backups)(tmp_path).begin("uploads", "one")
    manifest = procedure.backup(shop, "uploads", folder, live.stage.clock, 1)
    shop.engine.delete_volume(shop.volume("uploads"))
    procedure.provision(shop, "uploads")
    seen = list(procedure.restore(shop, "uploads", Backup(folder=folder, manifest=manifest)))
    found = files.of_volume(shop.engine, shop.volume("uploads"))
    replace_files(live, before)

    assert manifest.files == found
    assert (0o4604, "seed-000002.png") == (found["products/seed-000002.png"].mode, found["products/also.png"].target)
    assert ("folder", 0o711) == (found["products/empty"].kind, found["products/empty"].mode)
    assert os.geteuid() != 0 or found["products/seed-000002.png"].owner == "4711:4712"
    assert ["pass"] == [outcome(each) for each in seen]


def rewritten(backup: Backup, content: bytes) -> Backup:
    """A backup with another artefact, and a manifest that fits it."""
    backup.artefact.write_bytes(content)
    size, sha256 = digest(backup.artefact)
    return replace(backup, manifest=replace(backup.manifest, bytes=size, sha256=sha256))


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_dump_that_has_no_end_is_no_backup(
    part: float, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its list stands at its head and would pass: it is read through before it counts as complete."""
    execute = live.stage.shop.engine.execute

    def cut(service: str, argv: Sequence[str], **streams: Any) -> Completed:
        done = execute(service, argv, **streams)
        if argv[0] == "pg_dump" and "--version" not in argv:
            file = Path(streams["stdout"].name)
            os.truncate(file, int(file.stat().st_size * part))
        return done

    monkeypatch.setattr(live.stage.shop.engine, "execute", cut)
    folder = type(live.stage.backups)(tmp_path).begin("database", "one")

    with pytest.raises(BackupFailed, match="to its end"):
        PgDump().backup(live.stage.shop, "database", folder, live.stage.clock, 1)


def test_a_flipped_bit_is_not_green(made: tuple[Procedure, Backup], live: Live) -> None:
    """One bit in the middle: the digest tells."""
    procedure, backup = made
    content = bytearray(backup.artefact.read_bytes())
    content[len(content) // 2] ^= 1
    backup.artefact.write_bytes(content)

    assert _trusted(live, procedure, backup)["artefact"] == "fail"


def test_a_backup_without_manifest_is_never_chosen(made: tuple[Procedure, Backup], live: Live) -> None:
    """The manifest is renamed into place last; until then there is no backup."""
    procedure, backup = made
    (backup.folder / "manifest.json").rename(backup.folder / "manifest.partial")
    store = type(live.stage.backups)(backup.folder.parents[1])

    assert store.cycles(procedure.ROLES, float("inf")) == []


def test_tables_without_planner_statistics_are_named(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored table that ANALYZE passed over is red; when all were analysed it is green."""
    shop, procedure = live.stage.shop, PgDump()
    folder = type(live.stage.backups)(tmp_path).begin("database", "one")
    backup = Backup(folder=folder, manifest=procedure.backup(shop, "database", folder, live.stage.clock, 1))
    with shop.database("postgres") as admin:
        admin.execute("CREATE DATABASE shop_restored TEMPLATE template0")
    assert procedure.load(shop, backup).status == 0
    all_tables = tables.tables
    with monkeypatch.context() as patch:
        patch.setattr(tables, "tables", lambda connection: all_tables(connection)[1:])
        without_first = procedure._analyze(shop, backup)
    whole = procedure._analyze(shop, backup)
    with shop.database("postgres") as admin:
        admin.execute("DROP DATABASE shop_restored")

    assert set(without_first.expected) - set(without_first.actual) == {"crm.page_views"}
    assert [outcome(without_first), outcome(whole)] == ["fail", "pass"]
    assert whole.took_s > 0


def test_an_append_only_folder_without_one_of_its_files_does_not_parse(live: Live, tmp_path: Path) -> None:
    """Base, log or manifest: whatever is missing, or is there and named by nobody, is told."""
    shop, procedure = live.stage.shop, RedisAof()
    with shop.cache() as client:
        client.set("after-the-base", "x" * 100)
    folder = type(live.stage.backups)(tmp_path).begin("cache", "one")
    backup = Backup(folder=folder, manifest=procedure.backup(shop, "cache", folder, live.stage.clock, 1))
    with shop.cache() as client:
        client.delete("after-the-base")
    with tarfile.open(backup.artefact) as archive:
        kept = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}  # type: ignore[union-attr]
    (log,) = [name for name in kept if name.endswith(".incr.aof")]
    said = {}
    cases: dict[str, dict[str, bytes]] = {name: {k: v for k, v in kept.items() if k != name} for name in kept}
    cases["stranger"] = {**kept, "appendonlydir/stranger.aof": b""}
    cases["flipped"] = {**kept, log: kept[log].replace(b"*", b"+", 1)}
    for what, files_of_it in cases.items():
        (seen,) = procedure.examine(rewritten(backup, packed(files_of_it)), shop)
        said[what] = (outcome(seen), " ".join(seen.differences))

    assert b"after-the-base" in kept[log]
    assert {word for word, _ in said.values()} == {"fail"}
    assert all(name.rpartition("/")[2] in said[name][1] for name in kept if not name.endswith(".manifest"))
    assert "no command" in said["flipped"][1]


def packed(files_of_it: Mapping[str, bytes]) -> bytes:
    """A tar of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files_of_it.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["restart", "none"])
def test_what_makes_no_backups_says_so(kind: str, live: Live, tmp_path: Path) -> None:
    """A schedule of such a procedure fails instead of recording backups that do not exist."""
    procedure: Procedure = registry.procedures()[kind]()

    with pytest.raises(BackupFailed):
        procedure.backup(live.stage.shop, "database", tmp_path, live.stage.clock, 1)


def _trusted(live: Live, procedure: Procedure, backup: Backup, **more: float) -> dict[str, str]:
    """What the restore's own look at a backup says, by check."""
    stage = live.stage
    times = {"seeded_s": stage.journal.marks["seeded"], "t0_s": stage.clock.now(), **more}
    found = trust_and_examine(stage.shop, procedure.ROLES[0], procedure, backup, **times)
    return {seen.check: outcome(seen) for seen in found}
