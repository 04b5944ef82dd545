"""`redis-rdb`: a point-in-time file of Redis, and its way back into an append-only server.

A dump.rdb beside `appendonly yes` is not read: the server starts empty and says nothing. Since
Redis 7 the append-only log is a folder whose base file *is* an RDB, so the restore lays the dump
down as that base, with an empty log after it and the manifest that names both.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import redis

from blackstart.backups import Backup, Manifest
from blackstart.checks import parse, target_empty
from blackstart.clock import Clock
from blackstart.evidence import Observation
from blackstart.observe import keys
from blackstart.procedures.base import BackupFailed, manifest_of, replace_volume
from blackstart.procedures.redis_pausing import info, paused, rdb_ending
from blackstart.shop import Shop
from blackstart.stack import Role

SAVE_DEADLINE_S = 120.0
_AOF = "appendonlydir/appendonly.aof"
_AOF_MANIFEST = b"file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisRdb:
    """Writes pause while the server forks and the keys are fingerprinted, so that both are one moment."""

    NAME: ClassVar[str] = "redis-rdb"
    ROLES: ClassVar[tuple[Role, ...]] = ("cache",)
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = True
    NEEDS: ClassVar[str] = "Redis 7 or newer, whose append-only log is a folder."
    CANNOT_SHOW: ClassVar[str] = (
        "anything written after the newest dump, and a cache so large that its keys cannot be read within the pause."
    )

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """Writes pause (`CLIENT PAUSE … WRITE`, at most 5 s) for BGSAVE's fork and the fingerprint of the keys.

        Then `dump.rdb` is streamed out of the volume. If the fingerprint takes longer than the pause, the backup
        fails.
        """
        began = clock.now()
        try:
            with shop.cache() as client:
                content = self._save(client)
                version = str(info(client, "server")["redis_version"])
        except redis.RedisError as error:
            raise BackupFailed(f"{self.NAME}: {error}") from error
        self._fetch(shop, role, folder / "artefact")
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            started_s=began,
            snapshot_s=began,
            versions={"server": version},
            keys=content,
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """The file begins with the magic word, and ends with an end mark and the CRC-64 of all bytes before it."""
        kind = parse.kind_of(backup.artefact)
        if kind != parse.RDB:
            yield parse.wrong_kind("cache", wanted=parse.RDB, found=kind)
            return
        with backup.artefact.open("rb") as file:
            expected, actual, differences = rdb_ending(file, backup.artefact.stat().st_size)
        yield parse.observed("cache", expected=expected, actual=actual, differences=differences)

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume; the server starts when the files lie on it."""
        replace_volume(shop, role)

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """On a new volume, proven empty, the dump is laid down as the base of the append-only folder.

        With an empty log and a manifest that names both; then the server starts on it.
        """
        assert backup is not None
        volume = shop.volume(role)
        with shop.engine.read_volume(volume) as tar, tarfile.open(fileobj=tar, mode="r|") as archive:
            before = [member.name for member in archive if member.isreg() and "/." not in member.name]
        yield target_empty.observed("cache", before)
        spool = backup.folder / "volume.tar"
        with tarfile.open(spool, "w") as packing:
            packing.add(backup.artefact, f"{_AOF}.1.base.rdb", filter=_plain)
            for name, content in ((f"{_AOF}.1.incr.aof", b""), (f"{_AOF}.manifest", _AOF_MANIFEST)):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                packing.addfile(member, io.BytesIO(content))
        with spool.open("rb") as packed:
            shop.engine.write_volume(volume, packed)
        shop.engine.start(shop.service(role))

    def _save(self, client: redis.Redis) -> dict[str, Any]:
        before = info(client, "persistence")
        if int(before["rdb_bgsave_in_progress"]):
            raise BackupFailed("a background save is under way already")
        saves = int(info(client, "stats")["total_forks"])
        with paused(client):
            client.bgsave()
            content = keys.fingerprint(client)
        deadline = time.monotonic() + SAVE_DEADLINE_S
        while int((state := info(client, "persistence"))["rdb_bgsave_in_progress"]):
            if time.monotonic() > deadline:
                raise BackupFailed(f"BGSAVE did not end within {SAVE_DEADLINE_S:.0f} s")
            time.sleep(0.01)
        if state["rdb_last_bgsave_status"] != "ok" or int(info(client, "stats")["total_forks"]) <= saves:
            raise BackupFailed(f"BGSAVE ended with {state['rdb_last_bgsave_status']}")
        return dict(content)

    def _fetch(self, shop: Shop, role: Role, path: Path) -> None:
        found = False
        with (
            shop.engine.read_volume(shop.volume(role)) as tar,
            tarfile.open(fileobj=tar, mode="r|") as archive,
        ):
            for member in archive:
                stream = archive.extractfile(member) if member.name.removeprefix("./") == "dump.rdb" else None
                if stream is not None:
                    with path.open("wb") as out:
                        shutil.copyfileobj(stream, out)
                    found = True
        if not found:
            raise BackupFailed("the volume has no dump.rdb")


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


EXTENSION = RedisRdb
