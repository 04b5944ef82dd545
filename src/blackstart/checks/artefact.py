"""`artefact`: the backup's file is there, with the size and the SHA-256 of its manifest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from blackstart.backups import Backup, digest
from blackstart.checks.base import while_restoring
from blackstart.evidence import Observation, Stage
from blackstart.stack import Role


class Artefact:
    """Observed behind the fence, of each backup that was chosen: what was made is what is restored."""

    NAME: ClassVar[str] = "artefact"
    LAYER: ClassVar[int] = 1
    STAGES: ClassVar[Sequence[Stage]] = ()


def observed(backup: Backup, role: Role) -> Iterator[Observation]:
    """Size and digest, beside the manifest's."""
    expected = {"bytes": backup.manifest.bytes, "sha256": backup.manifest.sha256}
    actual: dict[str, Any] = {"bytes": None, "sha256": None}
    if backup.artefact.is_file():
        actual["bytes"], actual["sha256"] = digest(backup.artefact)
    differences = [
        f"{what} of the backup {backup.manifest.id}: {expected[what]} → {'no file' if found is None else found}"
        for what, found in actual.items()
        if found != expected[what]
    ]
    yield while_restoring(Artefact, role, expected=expected, actual=actual, differences=differences)


EXTENSION = Artefact
