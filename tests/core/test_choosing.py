"""Which backup a recovery takes: only one that a fault has struck is passed over, and only as it was to be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from blackstart.backups import Backup, Manifest
from blackstart.checks import artefact, parse
from blackstart.evidence import Observation
from blackstart.phases import restore
from blackstart.phases.stage import Stage
from blackstart.stack import Role


def backup(role: Role, cycle: int) -> Backup:
    """One of a cycle."""
    name = f"{role}-{cycle}"
    manifest = Manifest(
        id=name,
        run_id="r",
        cycle=cycle,
        role=role,
        procedure="x",
        started_s=cycle,
        snapshot_s=cycle,
        completed_s=cycle,
        completed_at="",
        bytes=1,
        sha256="",
    )
    return Backup(folder=Path(name), manifest=manifest)


CYCLES = [{"database": backup("database", n), "uploads": backup("uploads", n)} for n in (3, 2, 1)]


def red(kind: Any, role: Role) -> Observation:
    """A check of a backup that failed."""
    return Observation(
        check=kind.NAME,
        layer=kind.LAYER,
        subject=role,
        stage="verify",
        expected=1,
        actual=2,
        differences=("it is cut",),
    )


@dataclass
class Chosen:
    """What came of it."""

    noted: list[Observation] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    cycle: int = 0


def choose(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spoilt: dict[str, str], reds: Mapping[str, Sequence[Observation]]
) -> Chosen:
    """Choose among three cycles, where some backups are struck and some are red."""
    found = Chosen()

    def write(event: str, data: dict[str, Any]) -> None:
        if event == "passed over":
            found.passed_over.append(data["id"])

    monkeypatch.setattr(restore, "_cycles", lambda _: CYCLES)
    monkeypatch.setattr(restore, "_examined", lambda _stage, _role, each: iter(reds.get(each.manifest.id, ())))
    monkeypatch.setattr(restore, "_aimed", lambda _stage, _role, each: each)
    stage = SimpleNamespace(
        spoilt=spoilt,
        note=found.noted.append,
        journal=SimpleNamespace(write=write),
        progress=SimpleNamespace(say=lambda _: None),
        evidence=tmp_path,
    )
    found.cycle = restore.choose(cast("Stage", stage))["database"].manifest.cycle
    return found


def test_what_was_struck_and_is_found_is_passed_over_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All that is red of that one backup is its detection; the recovery has nothing to do with it."""
    reds = {"database-3": [red(artefact.Artefact, "database"), red(parse.Parse, "database")]}
    found = choose(monkeypatch, tmp_path, {"database-3": "artefact"}, reds)

    assert (found.cycle, found.passed_over) == (2, ["database-3"])
    assert [(each.stage, each.differences) for each in found.noted] == [
        ("detect", ("backup database-3: it is cut",)),
        ("detect", ("backup database-3: it is cut",)),
    ]


@pytest.mark.parametrize(
    ("spoilt", "reds", "cycle"),
    [
        ({}, {"database-3": [red(artefact.Artefact, "database")]}, 3),
        ({"database-3": ""}, {"database-3": [red(artefact.Artefact, "database")]}, 3),
        ({"database-3": "parse"}, {"database-3": [red(artefact.Artefact, "database")]}, 3),
        ({"database-3": "artefact"}, {"uploads-3": [red(artefact.Artefact, "uploads")]}, 3),
        ({"database-2": "artefact"}, {"database-3": [red(artefact.Artefact, "database")]}, 3),
        (
            {"database-3": "artefact"},
            {"database-3": [red(artefact.Artefact, "database")], "uploads-3": [red(parse.Parse, "uploads")]},
            2,
        ),
        (
            {"database-3": "artefact"},
            {n: [red(artefact.Artefact, "database")] for n in ("database-3", "database-2")},
            2,
        ),
    ],
    ids=["by itself", "not expected", "another check", "another role", "another cycle", "beside it", "the next too"],
)
def test_what_nobody_struck_fails_the_run(
    spoilt: dict[str, str],
    reds: Mapping[str, Sequence[Observation]],
    cycle: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A backup that rotted by itself is no drill: its red is noted of the recovery, whichever cycle is taken."""
    found = choose(monkeypatch, tmp_path, spoilt, reds)

    assert found.cycle == cycle
    assert "verify" in [each.stage for each in found.noted]


def test_the_last_cycle_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is nothing behind it: its red is the recovery's."""
    reds = {f"database-{n}": [red(artefact.Artefact, "database")] for n in (3, 2, 1)}
    found = choose(monkeypatch, tmp_path, dict.fromkeys(reds, "artefact"), reds)

    assert (found.cycle, found.passed_over) == (1, ["database-3", "database-2"])
    assert [each.stage for each in found.noted] == ["detect", "detect", "verify"]
