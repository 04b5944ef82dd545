"""Every procedure that makes backups, on every engine: what it writes must be judged as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.contract.conftest import Live

from blackstart import registry
from blackstart.backups import Backup
from blackstart.child import Completed
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.observe import tables
from blackstart.phases.restore import _trust
from blackstart.procedures.base import BackupFailed, Procedure
from blackstart.procedures.pg_dump import PgDump

CASES = [
    ("pg-dump", {"format": "custom"}),
    ("pg-dump", {"format": "plain"}),
    ("uploads-archive", {}),
    ("redis-rdb", {}),
]


@pytest.fixture(params=CASES, ids=lambda case: "-".join([case[0], *case[1].values()]))
def made(request: pytest.FixtureRequest, live: Live, tmp_path: Path) -> tuple[Procedure, Backup]:
    """A complete backup by each procedure."""
    kind, options = request.param
    procedure: Procedure = registry.procedures()[kind](**options)
    stage = live.stage
    store = type(stage.backups)(tmp_path)
    folder = store.begin(procedure.ROLES[0], "one")
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
    assert {outcome(seen) for seen in procedure.examine(backup, live.stage.shop)} == {"pass"}
    assert _trusted(live, procedure, backup)["artefact"] == "pass"


def test_a_cut_artefact_is_not_green(made: tuple[Procedure, Backup], live: Live) -> None:
    """A few bytes of it: neither its digest nor its structure passes."""
    procedure, backup = made
    content = backup.artefact.read_bytes()
    backup.artefact.write_bytes(content[:100])

    assert _trusted(live, procedure, backup)["artefact"] == "fail"
    assert set(_outcomes(procedure.examine(backup, live.stage.shop))) - {"pass"}


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

    assert store.newest_cycle(procedure.ROLES, float("inf")) == {}


def test_tables_without_planner_statistics_are_named(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored table that ANALYZE passed over is red; when all were analysed it is green."""
    shop, procedure = live.stage.shop, PgDump()
    folder = type(live.stage.backups)(tmp_path).begin("database", "one")
    backup = Backup(folder=folder, manifest=procedure.backup(shop, "database", folder, live.stage.clock, 1))
    with shop.database("postgres") as admin:
        admin.execute("CREATE DATABASE shop_restored TEMPLATE template0")
    assert procedure._load(shop, backup).status == 0
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


@pytest.mark.parametrize("kind", ["restart", "none"])
def test_what_makes_no_backups_says_so(kind: str, live: Live, tmp_path: Path) -> None:
    """A schedule of such a procedure fails instead of recording backups that do not exist."""
    procedure: Procedure = registry.procedures()[kind]()

    with pytest.raises(BackupFailed):
        procedure.backup(live.stage.shop, "database", tmp_path, live.stage.clock, 1)


def _outcomes(observations: Iterator[Observation]) -> list[str]:
    """A tool that gives up on a broken artefact is no pass either."""
    found: list[str] = []
    try:
        for seen in observations:
            found.append(outcome(seen))
    except Exception:  # noqa: BLE001
        found.append("error")
    return found


def _trusted(live: Live, procedure: Procedure, backup: Backup) -> dict[str, str]:
    """What the restore's own look at an artefact says, by check."""
    seen: dict[str, str] = {}

    class Noting:
        journal = live.stage.journal

        @staticmethod
        def note(observation: Observation) -> bool:
            seen[observation.check] = outcome(observation)
            return True

    live.stage.journal.marks.setdefault("T0", live.stage.clock.now())
    _trust(Noting, procedure.ROLES[0], backup)  # type: ignore[arg-type]
    return seen
