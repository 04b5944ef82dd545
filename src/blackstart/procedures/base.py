"""What every procedure is.

A procedure is a frozen dataclass whose fields are its options in YAML. It serves one role at a
time, and it is backup and restore together: what one writes, the other must read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from blackstart.activities import Activity
from blackstart.backups import Backup, Manifest, digest
from blackstart.clock import Clock
from blackstart.engines.base import DeletesVolumes
from blackstart.errors import BlackstartError, ExitCode
from blackstart.evidence import Observation
from blackstart.shop import Shop
from blackstart.stack import STORES, Role


class BackupFailed(BlackstartError):
    """A backup could not be made; before the fault that makes a run inconclusive."""

    exit_code = ExitCode.INCONCLUSIVE


class Procedure(Protocol):
    """Backup and restore of one role."""

    NAME: ClassVar[str]
    ROLES: ClassVar[tuple[Role, ...]]
    FROM_BACKUP: ClassVar[bool]
    """Whether the restored state comes from a backup."""
    EXACT: ClassVar[bool]
    """Whether it must then equal that backup's manifest; else it must follow from the seed and the ledger."""
    NEEDS: ClassVar[str]
    """What it takes, for whoever reads the page."""
    CANNOT_SHOW: ClassVar[str]
    """What it loses, or what nobody learns from it."""

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """Write `folder/artefact` and say what it is; BackupFailed if it cannot be made."""
        ...

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Read the artefact without restoring it: is it of its kind, whole, and what its manifest lists.

        An artefact that cannot be read is an observation that says so, never an exception.
        """
        ...

    def provision(self, shop: Shop, role: Role) -> None:
        """Make a clean place to restore into."""
        ...

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Bring the data back; observations tell what the tools said."""
        ...


@runtime_checkable
class Accompanied(Protocol):
    """A procedure that something goes on for beside its backups, from before the first one on."""

    def companion(self, shop: Shop, clock: Clock) -> Activity:
        """That activity; it ends with the backups."""
        ...


@runtime_checkable
class Aims(Protocol):
    """A procedure that carries a backup on to a later moment."""

    def aimed(self, backup: Backup, shop: Shop, clock: Clock, t0_s: float) -> Backup:
        """The backup as it will be restored: its manifest has the moment that it is carried to."""
        ...


class WithoutBackup:
    """What procedures have in common that restore nothing from a backup: any role, and nothing to write."""

    NAME: ClassVar[str]
    ROLES: ClassVar[tuple[Role, ...]] = STORES
    FROM_BACKUP: ClassVar[bool] = False
    EXACT: ClassVar[bool] = False
    NEEDS: ClassVar[str]
    CANNOT_SHOW: ClassVar[str]

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """Refuse: a schedule of this would record backups that do not exist."""
        raise BackupFailed(f"{self.NAME} makes no backups")

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """There is nothing to look at."""
        yield from ()

    def provision(self, shop: Shop, role: Role) -> None:
        """Nothing is prepared."""


def manifest_of(
    made: Procedure,
    shop: Shop,
    role: Role,
    folder: Path,
    clock: Clock,
    cycle: int,
    *,
    started_s: float,
    snapshot_s: float,
    **content: Any,
) -> Manifest:
    """The manifest of an artefact that lies in its folder, whole, as of now; `content` is what it must restore."""
    size, sha256 = digest(folder / "artefact")
    completed = clock.now()
    return Manifest(
        id=folder.name,
        run_id=shop.plan.run_id,
        cycle=cycle,
        role=role,
        procedure=made.NAME,
        started_s=started_s,
        snapshot_s=snapshot_s,
        completed_s=completed,
        completed_at=clock.at(completed),
        bytes=size,
        sha256=sha256,
        **{"exact": made.EXACT, **content},
    )


def replace_volume(shop: Shop, role: Role) -> None:
    """An empty volume in the place of the role's, whatever is left on that; what uses it goes first, and stays down.

    It is what a backup is laid down on: files that were damaged, encrypted or written since are none of it.
    """
    engine, volume = shop.engine, shop.volume(role)
    if isinstance(engine, DeletesVolumes):
        for service in shop.plan.stack.users_of(volume):
            engine.stop(service)
        engine.create_volume(volume)  # one that is gone cannot be deleted
        engine.delete_volume(volume)
    engine.create_volume(volume)


@runtime_checkable
class Interrupts(Protocol):
    """A procedure that may stop a service while it backs it up; what runs it must expect that."""

    def interrupts(self, role: Role) -> bool:
        """Whether a backup of this role stops the role's service and starts it again."""
        ...
