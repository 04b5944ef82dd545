"""A copy of the healthy shop for one case, and how what was spoilt is put back."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from blackstart.backups import Backup, read
from blackstart.engines.base import Volumes
from blackstart.errors import NotConducted
from blackstart.evidence import Observation
from blackstart.ledger import Operation
from blackstart.selftest.bench import Bench
from blackstart.stack import Role


class SpoiltCopy:
    """Implements `case.Copy`; it remembers what was touched, so that only that is put back."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench = bench
        self._shop = bench.shop
        self._store = folder / "backups"
        self.operations: list[Operation] = list(bench.operations)
        self.touched: set[str] = set()
        """Of `database`, `cache`, `uploads` and `backups`."""
        self.restored: dict[Role, list[Observation]] = {}
        """What was observed while roles were brought back from the copies of their backups."""

    def database(
        self, name: str = "shop", *, autocommit: bool = True
    ) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A superuser's connection."""
        self.touched.add("database")
        return self._shop.database(name, autocommit=autocommit)

    @contextmanager
    def cache(self) -> Iterator[redis.Redis]:
        """A client of Redis."""
        self.touched.add("cache")
        with self._shop.cache() as client:
            yield client

    def uploads(self, change: Callable[[Path], None]) -> None:
        """Unpack the healthy files, have them changed, and put them where the volume was."""
        self.touched.add("uploads")
        with tempfile.TemporaryDirectory(dir=self._bench.stage.state.work) as where, tempfile.TemporaryFile() as spool:
            folder = Path(where)
            with tarfile.open(self._bench.files) as tar:
                _extract(tar, folder)
            change(folder)
            with tarfile.open(fileobj=spool, mode="w") as tar:
                tar.add(folder, arcname=".")
            spool.seek(0)
            self._bench.replace_files(spool)

    def page(self, relation: str, change: Callable[[bytearray], None]) -> None:
        """Change a relation's first file while the server is stopped, so that no cached page undoes it."""
        self.touched.add("database")
        with self._shop.database() as connection:
            row = connection.execute("SELECT pg_relation_filepath(%s::regclass)", (relation,)).fetchone()
            connection.execute("CHECKPOINT")
        if row is None or row[0] is None:
            raise NotConducted(f"{relation} has no storage")
        engine, service = self._shop.engine, self._shop.service("database")
        engine.stop(service)
        _change_file(engine, self._shop.volume("database"), row[0], change)
        engine.start(service)

    def backup(self, role: Role) -> Backup:
        """A copy of the backup that a role was restored from."""
        self.backups()
        return read(self._store / role / self._bench.restored[role].folder.name)

    def backups(self) -> Path:
        """Copies of all backups."""
        if "backups" not in self.touched:
            self.touched.add("backups")
            for role, backup in self._bench.restored.items():
                shutil.copytree(backup.folder, self._store / role / backup.folder.name)
        return self._store

    def earlier(self, role: Role) -> bytes:
        """What the backup holds that was made before any customer came."""
        return self._bench.earlier[role].artefact.read_bytes()

    def restore(self, role: Role) -> None:
        """Bring a role back, whatever its backup's copy holds."""
        backup = self.backup(role)
        self.touched.add(role)
        self.restored[role] = self._bench.restore(role, backup)

    def put_back(self) -> None:
        """Database, keys and files as they were."""
        if "database" in self.touched:
            self._bench.renew_database()
        if "cache" in self.touched:
            self._bench.renew_keys()
        if "uploads" in self.touched:
            self._bench.renew_files()


def _change_file(engine: Volumes, volume: str, path: str, change: Callable[[bytearray], None]) -> None:
    """One file of a volume, in place or by way of a tar of one member."""
    folder = engine.folder_of(volume)
    if folder is not None:
        content = bytearray((folder / path).read_bytes())
        change(content)
        (folder / path).write_bytes(content)
        return
    packed = io.BytesIO()
    with engine.read_volume(volume) as tar, tarfile.open(fileobj=tar, mode="r|") as archive:
        for member in archive:
            if member.name.removeprefix("./") == path:
                stream = archive.extractfile(member)
                assert stream is not None
                content = bytearray(stream.read())
                change(content)
                with tarfile.open(fileobj=packed, mode="w") as out:
                    out.addfile(_resized(member, len(content)), io.BytesIO(content))
    with tempfile.TemporaryFile() as spool:
        spool.write(packed.getvalue())
        spool.seek(0)
        engine.write_volume(volume, spool)


def _resized(member: tarfile.TarInfo, size: int) -> tarfile.TarInfo:
    """The same member with another size."""
    member.size = size
    return member


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Everything as it is, owners and links too: the archive is our own."""
    if hasattr(tarfile, "fully_trusted_filter"):
        tar.extractall(folder, numeric_owner=True, filter="fully_trusted")  # noqa: S202
    else:  # Python before 3.11.4
        tar.extractall(folder, numeric_owner=True)  # noqa: S202
