"""`backup-fresh`: the backup is this run's, complete, of the right role, after the seed and before the fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from blackstart.backups import Backup, Manifest
from blackstart.checks.base import while_restoring
from blackstart.evidence import Observation, Stage
from blackstart.stack import Role


class BackupFresh:
    """Observed behind the fence, of each backup that was chosen, before it is trusted with anything."""

    NAME: ClassVar[str] = "backup-fresh"
    LAYER: ClassVar[int] = 0
    STAGES: ClassVar[Sequence[Stage]] = ()


def observed(
    backup: Backup, role: Role, *, run_id: str, procedure: str, seeded_s: float, t0_s: float, passed_over: Sequence[str]
) -> Observation:
    """The manifest's own words beside what they must be; `passed_over`: newer backups that are not complete."""
    manifest = backup.manifest
    facts = {
        "complete": manifest.bytes > 0 and _holds_something(manifest),
        "its manifest's": manifest.id == backup.folder.name,
        f"of the role {role}": manifest.role == role,
        "of this run": manifest.run_id == run_id,
        f"made by {procedure}": manifest.procedure == procedure,
        "after the seed": manifest.started_s >= seeded_s,
        "before the fault": manifest.completed_s <= t0_s,
    }
    return while_restoring(
        BackupFresh,
        role,
        expected=dict.fromkeys(facts, True),
        actual=facts,
        differences=[f"not {fact}: backup {manifest.id}" for fact, holds in facts.items() if not holds],
        warnings=[f"passed over, for it is not complete: {name}" for name in passed_over],
    )


def _holds_something(manifest: Manifest) -> bool:
    """Whether there is a row, a file or a key: what is empty restores nothing.

    Files of a database tell nothing of its rows; those are compared with the seed.
    """
    if not manifest.exact and "files" in manifest.options:
        return bool(manifest.options["files"])
    if manifest.role == "database":
        return manifest.database is not None and any(table.rows for table in manifest.database.tables.values())
    return bool(manifest.files if manifest.role == "uploads" else manifest.keys)


EXTENSION = BackupFresh
