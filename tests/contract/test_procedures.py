"""Every procedure that makes backups, on every engine: what it writes must be judged as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.conftest import Live

from blackstart import registry
from blackstart.backups import Backup
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.phases.restore import _trust
from blackstart.procedures.base import BackupFailed, Procedure

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
    """Half of it: neither its digest nor its structure passes."""
    procedure, backup = made
    content = backup.artefact.read_bytes()
    backup.artefact.write_bytes(content[: len(content) // 2])

    assert _trusted(live, procedure, backup)["artefact"] == "fail"
    assert set(_outcomes(procedure.examine(backup, live.stage.shop))) - {"pass"}


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
