"""`base-backup`: the database's files and its write-ahead log, replayed to the end or to just before the accident."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

import psycopg

from blackstart.activities import Activity
from blackstart.backups import Backup, Manifest
from blackstart.checks import parse, target_empty
from blackstart.checks.base import while_restoring
from blackstart.checks.restore_log import RestoreLog
from blackstart.clock import Clock
from blackstart.engines.base import RunsOnVolumes
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.procedures import base_files
from blackstart.procedures.base import BackupFailed, manifest_of, replace_volume
from blackstart.procedures.logical import last_line
from blackstart.procedures.wal_archive import Archived, WalArchive, WalReceiver
from blackstart.shop import Shop
from blackstart.stack import Role
from blackstart.waiting import poll

ARCHIVING_WITHIN_S = 30.0
RECOVERED_WITHIN_S = 600.0
_LOG_FOLDER = "blackstart_wal"
_TIDY = """
import os, shutil, sys
shutil.rmtree(os.path.join(sys.argv[1], sys.argv[2]))
"""
_SETTINGS = ("restore_command", "recovery_target_time", "recovery_target_inclusive", "recovery_target_action")


@dataclass(frozen=True, kw_only=True)
class BaseBackup:
    """The files are copied while the server works, and the log that makes them consistent goes on outside the stack.

    So nearly nothing is lost with a lost volume; and with `to: before-fault` what somebody did on purpose is undone,
    and what customers did before it is kept.
    """

    NAME: ClassVar[str] = "base-backup"
    ROLES: ClassVar[tuple[Role, ...]] = ("database",)
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = False
    NEEDS: ClassVar[str] = (
        "PostgreSQL 15 or newer, a superuser who may open a replication connection from the server itself, and one "
        "free replication slot; `wal_level` as it is from the start (`replica`)."
    )
    CANNOT_SHOW: ClassVar[str] = (
        "recovery on another major version or architecture, and tablespaces. What was acknowledged within the last "
        "fifth of a second before the volume was gone may be lost, since the log is copied and not mirrored."
    )

    to: Literal["latest", "before-fault"] = "latest"

    def companion(self, shop: Shop, clock: Clock) -> Activity:
        """What copies the log, from before the first backup on."""
        return WalReceiver(shop, archive(shop), clock.now)

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """`pg_basebackup` streams one tar, with a SHA-256 for each file and the log that it needs to be consistent.

        It is a backup only if the archive's log reaches back to where it began.
        """
        began = clock.now()
        held = poll(archive(shop).state, within_s=ARCHIVING_WITHIN_S)
        if held is None:
            raise BackupFailed("nobody copies the write-ahead log")
        words = ["pg_basebackup", "--format=tar", "--pgdata=-", "--wal-method=fetch", "--checkpoint=fast"]
        words += ["--manifest-checksums=SHA256", "--no-password", f"--label={folder.name}"]
        with (folder / "artefact").open("wb") as out:
            done = shop.engine.execute(shop.service(role), words, stdout=out)
        if done.status:
            raise BackupFailed(f"pg_basebackup ended with {done.status}: {last_line(done)}")
        listed, found = base_files.read(folder / "artefact")
        begin = base_files.begin(listed)
        if begin < held.begin:
            raise BackupFailed(f"the archive begins after the backup: {held.name(begin)} is not in it")
        if not poll(lambda: _reaches(archive(shop), base_files.end(listed)), within_s=ARCHIVING_WITHIN_S):
            raise BackupFailed("the archive does not reach the end of the backup: the log is no longer copied")
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            options={"begin": begin, "files": len(found)},
            started_s=began,
            snapshot_s=began,
        )

    def aimed(self, backup: Backup, shop: Shop, clock: Clock, t0_s: float) -> Backup:
        """The backup with the moment that the log carries it to.

        Every write acknowledged before that moment must be there; and before a fault, none begun after it.
        """
        held = archive(shop).state()
        reached = held.pulled_s if held else backup.manifest.snapshot_s
        if self.to == "latest":
            return replace(backup, manifest=replace(backup.manifest, snapshot_s=reached))
        until_at = f"{clock.began + timedelta(seconds=t0_s):%Y-%m-%d %H:%M:%S.%f}+00"
        aim = replace(backup.manifest, snapshot_s=min(t0_s, reached), until_s=t0_s, until_at=until_at)
        return replace(backup, manifest=aim)

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Every file has the size and the SHA-256 that the backup's own list has, and that list its own.

        And no segment of the write-ahead log is missing or changed from where the backup began to the archive's end:
        a recovery to the end would stop at the first hole or broken byte, and say nothing.
        """
        kind = parse.kind_of(backup.artefact)
        if kind != parse.TAR:
            yield parse.wrong_kind("database", wanted=parse.TAR, found=kind)
            return
        try:
            listed, found = base_files.read(backup.artefact)
            wrong = list(base_files.differences(listed, found))
            wrong += [
                f"the archive lacks {name}, or what it has is not what the server gave"
                for name in archive(shop).missing(base_files.begin(listed), base_files.end(listed))
            ]
        except (tarfile.TarError, EOFError, OSError, ValueError, LookupError) as error:
            wrong = [f"the backup cannot be read to its end: {error}"]
        yield parse.observed("database", expected={"wrong": 0}, actual={"wrong": len(wrong)}, differences=wrong)

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume, whatever is left on the old one; the server starts when the files lie on it."""
        replace_volume(shop, role)

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """The files are laid down on a new volume, proven empty, with the log beside them; the server replays it.

        Recovery must end in the last segment that the archive holds, or before the moment asked for: a server that
        does not reach it does not start. Then it is an ordinary server again, on a timeline of its own.
        """
        assert backup is not None
        volume, held = shop.volume(role), archive(shop).state()
        assert held is not None
        with shop.engine.read_volume(volume) as tar, tarfile.open(fileobj=tar, mode="r|") as there:
            yield target_empty.observed("database", [m.name for m in there if m.isreg() and "/." not in m.name])
        spool = backup.folder / "volume.tar"
        place = shop.engine.folder_of(volume)  # where the server is a process here, its user is seen as another one
        owner = (place.stat().st_uid, place.stat().st_gid) if place else None
        _lay_out(backup, archive(shop), held, spool, owner)
        with spool.open("rb") as packed:
            shop.engine.write_volume(volume, packed)
        spool.unlink()
        shop.engine.start(shop.service(role))
        yield _recovered(shop, backup, held)
        with shop.database("postgres") as admin:
            for name in _SETTINGS:
                admin.execute(f"ALTER SYSTEM RESET {name}".encode())
            admin.execute("SELECT pg_reload_conf()")
        assert isinstance(shop.engine, RunsOnVolumes)
        shop.engine.on_volume(volume, _TIDY, _LOG_FOLDER)


def archive(shop: Shop) -> WalArchive:
    """The run's archive of the write-ahead log, beside its backups."""
    return WalArchive(shop.backups.first_place / "wal")


def _recovered(shop: Shop, backup: Backup, held: Archived) -> Observation:
    """That the server has left recovery, and how far it came."""
    row: Any = None
    until = backup.manifest.until_at

    def ended() -> bool:
        nonlocal row
        with contextlib.suppress(psycopg.OperationalError), shop.database("postgres") as connection:
            row = connection.execute(
                "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() - '0/0'::pg_lsn,"
                " pg_last_xact_replay_timestamp() < %s::timestamptz",
                (until or None,),
            ).fetchone()
        return row is not None and not row[0]

    if not poll(ended, within_s=RECOVERED_WITHIN_S):
        raise NotRecovered("the server did not come to the end of its recovery")
    if until:
        wrong = [] if row[2] is not False else [f"a transaction was replayed that was committed at {until} or later"]
        expected, actual = {"stopped before": True}, {"stopped before": row[2] is not False}
    else:
        segment, last = int(row[1]) // held.segment, held.end // held.segment
        wrong = (
            []
            if segment >= last
            else [f"recovery stopped in {held.name(int(row[1]))}, the archive ends in {held.name(held.end)}"]
        )
        expected, actual = {"to the last segment": True}, {"to the last segment": segment >= last}
    return while_restoring(RestoreLog, "database", expected=expected, actual=actual, differences=wrong)


def _lay_out(backup: Backup, wal: WalArchive, held: Archived, spool: Path, owner: tuple[int, int] | None) -> None:
    """One tar: the backup's files, the log, and what tells the server to replay it; `owner` None: as it was."""
    settings = [f"restore_command = 'cp {_LOG_FOLDER}/%f %p'", "recovery_target_action = 'promote'"]
    if backup.manifest.until_at:
        settings += [f"recovery_target_time = '{backup.manifest.until_at}'", "recovery_target_inclusive = 'off'"]
    with tarfile.open(backup.artefact) as source, tarfile.open(spool, "w") as out:
        uid, gid = owner or next((m.uid, m.gid) for m in source if m.isreg())

        def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
            member.uid, member.gid, member.uname, member.gname = uid, gid, "", ""
            return member

        for member in source:
            content = source.extractfile(member) if member.isreg() else None
            owned(member)
            if member.name == "postgresql.auto.conf" and content is not None:
                text = content.read() + "".join(f"{line}\n" for line in settings).encode()
                member.size, content = len(text), io.BytesIO(text)
            out.addfile(member, content)
        out.addfile(owned(_member("recovery.signal", 0)), io.BytesIO())
        for name in held.names(int(str(backup.manifest.options["begin"]))):
            path = wal.folder / name
            if path.is_file():
                with path.open("rb") as file:
                    out.addfile(owned(_member(f"{_LOG_FOLDER}/{name}", path.stat().st_size)), file)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _reaches(wal: WalArchive, end: int) -> bool:
    held = wal.state()
    return held is not None and held.end >= end


EXTENSION = BaseBackup
