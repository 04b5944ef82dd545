"""`empty-backup`: `pg_dump > file` failed, the script went on and hashed what it got, and what it got was nothing."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.backups import Backup, digest
from blackstart.faults.newest_backup import OfABackup, changed
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyBackup(OfABackup):
    """The newest complete backup is a file of no bytes, and its manifest vouches for that with a fitting digest."""

    NAME: ClassVar[str] = "empty-backup"

    kind: Literal["empty-backup"] = "empty-backup"

    def inject(self, shop: Shop, prepared: Backup) -> None:
        """Empty the file, then write its size and digest into the manifest."""
        prepared.artefact.write_bytes(b"")
        size, sha256 = digest(prepared.artefact)
        vouching = dataclasses.replace(prepared.manifest, bytes=size, sha256=sha256)
        (prepared.folder / "manifest.json").write_text(json.dumps(dataclasses.asdict(vouching)))

    def witness(self, shop: Shop, prepared: Backup) -> str | None:
        """Size and SHA-256, read anew, are not those that it was made with."""
        return changed(prepared)


EXTENSION = EmptyBackup
