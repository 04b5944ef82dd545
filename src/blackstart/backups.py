"""Backups on disk: an artefact and its manifest, which is renamed into place last.

backups/<role>/<id>/           and, where the scenario asks for it, the same in a second place
  artefact         what the procedure wrote
  manifest.json    what the artefact is and what it must restore; a backup without it is not complete
"""

from __future__ import annotations

import dataclasses
import filecmp
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from blackstart import retention
from blackstart.evidence import DatabaseFingerprint, FileFingerprint, KeyFingerprint
from blackstart.scenario import Retention
from blackstart.stack import Role

PARTIAL = ".partial-"
BLOBS = "blobs"
"""The folder of what lies beside an artefact."""
Content = DatabaseFingerprint | Mapping[str, FileFingerprint] | Mapping[str, KeyFingerprint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is. Times are seconds since the run began; `content` is its fingerprint."""

    id: str
    run_id: str
    """The run that made it: another run's backup is of another shop."""
    cycle: int
    """Which round of the schedule it belongs to: roles restored together must come from one round."""
    role: Role
    procedure: str
    options: Mapping[str, Any] = field(default_factory=dict)
    started_s: float
    snapshot_s: float
    """A moment not later than the state that the artefact holds."""
    until_s: float | None = None
    """Of one that is restored to a moment: no write that began later may be there. None: there is no such moment."""
    until_at: str = ""
    """The same, UTC."""
    completed_s: float
    completed_at: str
    bytes: int
    sha256: str
    blobs: int = 0
    """How many files lie beside the artefact that it cannot be restored without."""
    versions: Mapping[str, str] = field(default_factory=dict)
    database: DatabaseFingerprint | None = None
    files: Mapping[str, FileFingerprint] | None = None
    keys: Mapping[str, KeyFingerprint] | None = None
    exact: bool = True
    """Whether the fingerprint is of the very state that the artefact holds, which the restored one must then equal.
    If not, it is of a moment just before: what is restored must follow from the seed and the ledger."""
    steps: Sequence[Mapping[str, Any]] = ()
    """What was done to make it, where that was somebody's own procedure: each step with its exit code."""

    def to_json(self) -> str:
        """The text of manifest.json."""
        return json.dumps(dataclasses.asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A complete backup."""

    folder: Path
    manifest: Manifest

    @property
    def artefact(self) -> Path:
        """The file that the procedure wrote."""
        return self.folder / "artefact"


class BackupStore:
    """All backups of a run, outside of the stack."""

    def __init__(self, first_place: Path, second_place: Path | None = None) -> None:
        self.first_place = first_place
        self._second_place = second_place

    def begin(self, role: Role, backup_id: str) -> Path:
        """The folder of a backup that is about to be made."""
        folder = self.first_place / role / backup_id
        folder.mkdir(parents=True)
        return folder

    def complete(self, folder: Path, manifest: Manifest) -> Backup:
        """Write the manifest, on disk before it is renamed into place."""
        partial = folder / "manifest.partial"
        with partial.open("w") as out:
            out.write(manifest.to_json())
            out.flush()
            os.fsync(out.fileno())
        partial.rename(folder / "manifest.json")
        if self._second_place is not None:
            copying = self._second_place / manifest.role / f"{PARTIAL}{folder.name}"
            shutil.copytree(folder, copying, copy_function=self._copy_once)
            copying.rename(copying.with_name(folder.name))
        return Backup(folder=folder, manifest=manifest)

    def _copy_once(self, source: str, target: str) -> None:
        """Copy a file; or, where backups share it in the first place, link what the second already has of it."""
        role, _, *within = Path(source).relative_to(self.first_place).parts
        if self._second_place is not None and Path(source).stat().st_nlink > 1:
            for kept in (self._second_place / role).glob("/".join(("[!.]*", *within))):
                if filecmp.cmp(source, kept, shallow=False):
                    os.link(kept, target)
                    return
        shutil.copy2(source, target)

    def complete_backups(self, role: Role) -> list[Backup]:
        """Oldest first; one that the first place lacks comes from the second."""
        places = [place for place in (self._second_place, self.first_place) if place is not None]
        found = {path.parent.name: path.parent for place in places for path in (place / role).glob("*/manifest.json")}
        whole = [read(folder) for name, folder in found.items() if not name.startswith(PARTIAL)]
        return sorted(whole, key=lambda backup: backup.manifest.completed_s)

    def cycles(self, roles: Collection[Role], before_s: float) -> list[dict[Role, Backup]]:
        """The cycles in which a backup of each role was completed by `before_s`, newest first.

        Within a cycle the database comes first and the uploads after it, so no restored row lacks its
        file; a newer database beside older uploads would break that.
        """
        cycles: dict[int, dict[Role, Backup]] = {}
        for role in roles:
            for backup in self.complete_backups(role):
                if backup.manifest.completed_s <= before_s:
                    cycles.setdefault(backup.manifest.cycle, {})[role] = backup
        return [cycles[number] for number in sorted(cycles, reverse=True) if set(cycles[number]) == set(roles)]

    def retain(self, roles: Collection[Role], rule: Retention) -> None:
        """Remove the cycles that the rule does not keep, once a newer one is there in their place.

        Only cycles that are there in whole count for it, so what cannot be restored pushes nothing out; nor does
        what is left of others go before so many newer ones are complete as the rule's `last` says.
        """
        found: dict[int, dict[Role, Backup]] = {}
        for role in roles:
            for backup in self.complete_backups(role):
                found.setdefault(backup.manifest.cycle, {})[role] = backup
        whole = {n: each for n, each in found.items() if each.keys() == set(roles) and all(map(_there, each.values()))}
        times = {n: max(map(_completed, cycle.values())) for n, cycle in whole.items()}
        oldest = min(sorted(whole)[-rule.last :], default=0)
        rest = {number for number in found if number not in whole and number >= oldest}
        stay = retention.kept(times, rule) | rest
        for backup in [backup for n, cycle in found.items() if n not in stay for backup in cycle.values()]:
            self._remove(backup)

    def _remove(self, backup: Backup) -> None:
        for place in (self.first_place, self._second_place):
            if place is not None:
                shutil.rmtree(place / backup.manifest.role / backup.folder.name, ignore_errors=True)


def _there(backup: Backup) -> bool:
    """Whether the artefact is there in its full length, and all that lies beside it; digests are for the restore."""
    try:
        beside = sum(path.is_file() for path in backup.folder.glob(f"{BLOBS}/*/*"))
        return backup.artefact.stat().st_size == backup.manifest.bytes and beside == backup.manifest.blobs
    except OSError:  # none, or deleted this moment
        return False


def _completed(backup: Backup) -> datetime:
    return datetime.fromisoformat(backup.manifest.completed_at)


def read(folder: Path) -> Backup:
    """A backup from its folder."""
    from pydantic import TypeAdapter

    manifest = TypeAdapter(Manifest).validate_json((folder / "manifest.json").read_bytes())
    return Backup(folder=folder, manifest=manifest)


def incomplete_since(backup: Backup) -> list[str]:
    """Ids of the backups of its role that were begun later and have no manifest: they do not count."""
    begun = (path for path in backup.folder.parent.iterdir() if path.name > backup.folder.name)
    return sorted(path.name for path in begun if not (path / "manifest.json").is_file())


def digest(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    with path.open("rb") as file:
        total = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, total
