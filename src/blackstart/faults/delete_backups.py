"""`delete-backups`: the backups lay where the data lay, and went with it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from blackstart.engines.base import Lifecycle
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBackups(Fault):
    """Every backup in the first place is deleted, complete or not.

    Only a scenario that keeps backups in a second place (`backup: {second_place: true}`) can recover from it
    together with a lost volume.
    """

    NAME: ClassVar[str] = "delete-backups"
    FAMILY: ClassVar[Family] = "backups"

    kind: Literal["delete-backups"] = "delete-backups"

    @property
    def needs(self) -> type:
        """Nothing of the engine: backups lie outside of the stack."""
        return Lifecycle

    @property
    def target(self) -> str:
        """All of them."""
        return "all backups in the first place"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """No role of the shop itself."""
        return ()

    def prepare(self, shop: Shop) -> tuple[Path, ...]:
        """The artefacts that are there; RuntimeError if there is none."""
        made = tuple(shop.backups.first_place.glob("*/*/artefact"))
        if not made:
            raise RuntimeError("there is no backup to be deleted")
        return made

    def inject(self, shop: Shop, prepared: tuple[Path, ...]) -> None:
        """Delete each backup's folder; one that is being written fails, as it would."""
        for folder in shop.backups.first_place.glob("*/*"):
            shutil.rmtree(folder, ignore_errors=True)

    def witness(self, shop: Shop, prepared: tuple[Path, ...]) -> str | None:
        """None of the files that were there can be opened any more."""
        if any(artefact.exists() for artefact in prepared):
            return None
        return f"{len(prepared)} artefacts that were there before cannot be opened"


EXTENSION = DeleteBackups
