"""`volume-archive`: one role's volume as one tar, its service stopped while the files are read."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from blackstart.backups import Backup, Manifest
from blackstart.checks import parse, target_empty
from blackstart.clock import Clock
from blackstart.differences import file_differences
from blackstart.errors import NotConducted, Problem
from blackstart.evidence import Observation
from blackstart.procedures import archives, just_before
from blackstart.procedures.base import BackupFailed, manifest_of, replace_volume
from blackstart.scenario import LEAST_REASON
from blackstart.shop import Shop
from blackstart.stack import STORES, Role
from blackstart.yaml_source import Key, Source

_CONTROL = "global/pg_control"
_STATE_AT, _STATE_BYTES = 16, 4
"""Behind the system's identifier and two version numbers; the same in every PostgreSQL since 9.4."""
_SHUT_DOWN = 1
_STATES = {0: "starting up", 1: "shut down", 2: "shut down in recovery", 3: "shutting down"}
_STATES |= {4: "in crash recovery", 5: "in archive recovery", 6: "in production"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeArchive:
    """A cold copy: the database or the cache is stopped, its files are read, and it is started again.

    That downtime is part of every backup, and customers see it: they are refused until the service answers again.
    The uploads are read while the shop is open, because their files are immutable and appear whole.
    """

    NAME: ClassVar[str] = "volume-archive"
    ROLES: ClassVar[tuple[Role, ...]] = STORES
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = False
    NEEDS: ClassVar[str] = (
        "Volumes streamed as tar, which both engines do, a service that stops in the orderly way, and the same major "
        "version and architecture for the restore."
    )
    CANNOT_SHOW: ClassVar[str] = (
        "One table or one key by itself: it is all or nothing. Everything since the newest archive is lost. An "
        "accident in the middle of a cold copy (`during: backup`) cannot be drilled, since the service is down already."
    )

    hot: bool = False
    """Whether the files of a database or cache are read while it writes to them. They are then of different moments,
    and a copy of a running PostgreSQL is red (`parse`) before it is restored."""
    hot_because: str = ""
    """Why that is wanted all the same; `hot` is refused without it."""

    def problems(self, source: Source, key: Key) -> Iterator[Problem]:
        """A hot copy needs a reason, and a reason needs a hot copy."""
        if self.hot and len(self.hot_because.strip()) < LEAST_REASON:
            what = "files that are read while a service writes to them are of different moments"
            allowed = f"false, or hot_because with the reason for it, in {LEAST_REASON} characters or more"
            yield source.problem((*key, "hot"), what, allowed)
        elif self.hot_because and not self.hot:
            yield source.problem((*key, "hot_because"), "is the reason for a copy that is not hot", "hot: true with it")

    def interrupts(self, role: Role) -> bool:
        """A cold copy stops the database or the cache."""
        return role != "uploads" and not self.hot

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """The service is stopped in the orderly way, the volume is streamed out, and the service is started again.

        Rows or keys are fingerprinted just before the stop. The backup's moment lies behind it: whatever was
        acknowledged until then must be there. Each file in the tar is fingerprinted with BLAKE3. It is no backup if
        the database was not shut down when it was read.
        """
        began, artefact = clock.now(), folder / "artefact"
        cold = self.interrupts(role)
        before = just_before.fingerprint(shop, role, self.NAME) if role != "uploads" else {}
        try:
            if cold:
                shop.engine.stop(shop.service(role))
            snapshot_s = clock.now()
            with shop.engine.read_volume(shop.volume(role)) as tar, artefact.open("wb") as out:
                shutil.copyfileobj(tar, out, 1 << 20)
        except NotConducted as error:
            raise BackupFailed(f"{self.NAME}: {error.message}") from error
        finally:
            if cold:
                shop.engine.start(shop.service(role))
        content, broken = archives.read(artefact)
        wrong = [broken] if broken else _not_cold(artefact, role) if cold else []
        if wrong:
            raise BackupFailed(f"{self.NAME}: {wrong[0]}")
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            options={"hot": self.hot, "hot_because": self.hot_because} if self.hot else {},
            started_s=began,
            snapshot_s=snapshot_s,
            files=content,
            exact=role == "uploads",  # rows and keys are of just before the stop: what is restored has more
            **before,
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Every member can be read to its end and is what the manifest says, and the archive has its end blocks.

        In an archive of the database, PostgreSQL's own control file must say that it was shut down.
        """
        role, kind = backup.manifest.role, parse.kind_of(backup.artefact)
        if kind != parse.TAR:
            yield parse.wrong_kind(role, wanted=parse.TAR, found=kind)
            return
        expected = backup.manifest.files or {}
        found, broken = archives.read(backup.artefact)
        wrong = [broken] if broken else _not_cold(backup.artefact, role)
        yield parse.observed(
            role,
            expected={"members": len(expected), "whole": True},
            actual={"members": len(found), "whole": not wrong},
            differences=[*wrong, *file_differences(expected, found)],
        )

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume; the service starts when the files lie on it."""
        replace_volume(shop, role)

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Unpacked into a new volume, proven empty, with modes and owners; then the service starts on it.

        The app, which uses the uploads, starts when the fence is lifted.
        """
        assert backup is not None
        volume = shop.volume(role)
        with shop.engine.read_volume(volume) as tar, tarfile.open(fileobj=tar, mode="r|") as there:
            yield target_empty.observed(role, [m.name for m in there if not m.isdir() and "/." not in m.name])
        with backup.artefact.open("rb") as packed:
            shop.engine.write_volume(volume, packed)
        if role != "uploads":
            shop.engine.start(shop.service(role))


def _not_cold(artefact: Path, role: Role) -> list[str]:
    """What shows that a database was not shut down when its files were read."""
    if role != "database":
        return []
    with tarfile.open(artefact) as archive:
        controls = [m for m in archive if m.isreg() and f"/{m.name}".endswith(f"/{_CONTROL}")]
        if len(controls) != 1:
            return [f"the archive has {len(controls)} files {_CONTROL}: it is of no database"]
        content = archive.extractfile(controls[0])
        assert content is not None
        state = _state(content)
    if state == _SHUT_DOWN:
        return []
    said = _STATES.get(state, f"in the unknown state {state}")
    return [f"the database was {said} when its files were read, not shut down: they are of different moments"]


def _state(control: IO[bytes]) -> int:
    """The state of the cluster by its control file, in the byte order of the machine that wrote it: little-endian."""
    return int.from_bytes(control.read(_STATE_AT + _STATE_BYTES)[_STATE_AT:], "little")


EXTENSION = VolumeArchive
