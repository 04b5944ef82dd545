"""`redis-aof`: Redis's append-only folder as it is at a moment, and back."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

import redis

from blackstart.backups import Backup, Manifest
from blackstart.checks import parse, target_empty
from blackstart.clock import Clock
from blackstart.evidence import Keys, Observation
from blackstart.observe import keys
from blackstart.procedures.base import BackupFailed, manifest_of, replace_volume
from blackstart.procedures.redis_pausing import info, paused, rdb_ending
from blackstart.shop import Shop
from blackstart.stack import Role
from blackstart.waiting import poll

FOLDER = "appendonlydir/"
QUIET_WITHIN_S = 60.0
WRITTEN_WITHIN_S = 2.0
_REWRITES = "auto-aof-rewrite-percentage"


@dataclass(frozen=True, kw_only=True)
class RedisAof:
    """The folder is copied while writes pause, so it holds the keys that the manifest lists, and nothing newer.

    Unlike `redis-rdb` the server need not fork, which costs memory; the folder is larger than a dump, since it
    holds what was overwritten too, and loading it takes longer.
    """

    NAME: ClassVar[str] = "redis-aof"
    ROLES: ClassVar[tuple[Role, ...]] = ("cache",)
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = True
    NEEDS: ClassVar[str] = "Redis 7 or newer with `appendonly yes`, whose append-only log is a folder."
    CANNOT_SHOW: ClassVar[str] = (
        "anything written after the newest copy, as with `redis-rdb`: a log that is copied now and then is no more "
        "recent than a dump. A folder that cannot be read within the pause of 5 s is not backed up. A changed byte "
        "within a value is told by the manifest's digest, not by the log, which has no checksums."
    )

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """No rewrite begins, and one that is under way ends; then writes pause, at most 5 s.

        In the pause the keys are fingerprinted and the folder is streamed out of the volume, once all that was
        acknowledged is written to it.
        """
        began = clock.now()
        try:
            with shop.cache() as client:
                before = client.config_get(_REWRITES)[_REWRITES]
                client.config_set(_REWRITES, 0)
                try:
                    content, snapshot_s = self._copy(shop, role, client, folder / "artefact", clock)
                finally:
                    client.config_set(_REWRITES, before or 100)
                version = str(info(client, "server")["redis_version"])
        except redis.RedisError as error:
            raise BackupFailed(f"{self.NAME}: {error}") from error
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            started_s=began,
            snapshot_s=snapshot_s,
            versions={"server": version},
            keys=content,
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Every file that the folder's own manifest names is there and nothing else.

        The base is an RDB file with its end mark and checksum; the logs are whole commands from the first byte to
        the last.
        """
        kind = parse.kind_of(backup.artefact)
        if kind != parse.TAR:
            yield parse.wrong_kind("cache", wanted=parse.TAR, found=kind)
            return
        try:
            wrong = _examined(backup.artefact)
        except (tarfile.TarError, EOFError, OSError) as error:
            wrong = [f"the archive cannot be read to its end: {error}"]
        yield parse.observed("cache", expected={"wrong": 0}, actual={"wrong": len(wrong)}, differences=wrong)

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume; the server starts when the files lie on it."""
        replace_volume(shop, role)

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Unpacked into a new volume, proven empty; then the server starts and replays the log."""
        assert backup is not None
        volume = shop.volume(role)
        with shop.engine.read_volume(volume) as tar, tarfile.open(fileobj=tar, mode="r|") as archive:
            yield target_empty.observed("cache", [m.name for m in archive if m.isreg() and "/." not in m.name])
        with backup.artefact.open("rb") as packed:
            shop.engine.write_volume(volume, packed)
        shop.engine.start(shop.service(role))

    def _copy(self, shop: Shop, role: Role, client: redis.Redis, path: Path, clock: Clock) -> tuple[Keys, float]:
        """The keys and the folder of one moment; and a moment not later than it."""

        def quiet() -> bool:
            state = info(client, "persistence")
            return not (int(state["aof_rewrite_in_progress"]) or int(state["aof_rewrite_scheduled"]))

        def written() -> bool:
            return int(info(client, "persistence")["aof_buffer_length"]) == 0

        if not poll(quiet, within_s=QUIET_WITHIN_S):
            raise BackupFailed(f"a rewrite of the log did not end within {QUIET_WITHIN_S:.0f} s")
        with paused(client):
            snapshot_s = clock.now()
            if not int(info(client, "persistence")["aof_enabled"]):
                raise BackupFailed("the server keeps no append-only log")
            content = keys.fingerprint(client)
            if not poll(written, within_s=WRITTEN_WITHIN_S):
                raise BackupFailed("the log was not written to the disk in the pause")
            with shop.engine.read_volume(shop.volume(role)) as tar:
                _keep_folder(tar, path)
        return content, snapshot_s


def _keep_folder(tar: IO[bytes], path: Path) -> None:
    """What belongs to the append-only folder, as it is."""
    with tarfile.open(fileobj=tar, mode="r|") as volume, tarfile.open(path, "w") as out:
        for member in volume:
            member.name = member.name.removeprefix("./")
            if member.name.startswith(FOLDER) and member.isreg():
                out.addfile(member, volume.extractfile(member))


def _examined(artefact: Path) -> list[str]:
    """What is wrong with the files of a folder."""
    with tarfile.open(artefact) as archive:
        members = {m.name.removeprefix(FOLDER): m for m in archive.getmembers()}
        manifests = [name for name in members if name.endswith(".manifest")]
        if len(manifests) != 1:
            return [f"the folder has {len(manifests)} manifests"]
        text = archive.extractfile(members[manifests[0]])
        assert text is not None
        named = _named(text.read().decode(errors="replace"))
        wrong = [f"the folder's manifest names {name}, which is not there" for name in named if name not in members]
        wrong += [
            f"{name} is there, and no manifest names it" for name in members.keys() - named.keys() - {manifests[0]}
        ]
        if not named:
            wrong.append("the folder's manifest names no file")
        for name in named.keys() & members.keys():
            content = archive.extractfile(members[name])
            assert content is not None
            wrong += [f"{name}: {what}" for what in _file(name, content, members[name].size)]
    return wrong


def _named(text: str) -> Mapping[str, str]:
    """File to its type, of a manifest's lines: `file NAME seq N type b|i|h`."""
    words = [line.split() for line in text.splitlines()]
    return {w[1]: w[5] for w in words if len(w) >= 6 and (w[0], w[2], w[4]) == ("file", "seq", "type")}


def _file(name: str, content: IO[bytes], size: int) -> list[str]:
    if name.endswith(".rdb"):
        return rdb_ending(content, size)[2]
    said = broken_at(content)
    return [said] if said else []


def broken_at(log: IO[bytes]) -> str:
    """Where an append-only log stops being whole commands; empty if it never does."""
    at = 0
    while line := log.readline():
        if line.startswith(b"#"):  # a time, for whoever wants to restore to one
            at += len(line)
            continue
        count = _number(line, b"*")
        if count is None:
            return f"at byte {at} there is no command"
        size = len(line)
        for _ in range(count):
            head = log.readline()
            length = _number(head, b"$")
            if length is None:
                return f"the command at byte {at} is cut or damaged"
            text = log.read(length + 2)
            if len(text) < length + 2 or not text.endswith(b"\r\n"):
                return f"the command at byte {at} is cut or damaged"
            size += len(head) + len(text)
        at += size
    return ""


def _number(line: bytes, sign: bytes) -> int | None:
    digits = line[1:-2]
    return int(digits) if line.startswith(sign) and line.endswith(b"\r\n") and digits.isdigit() else None


EXTENSION = RedisAof
