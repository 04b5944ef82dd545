"""What dumps of one database have in common: a snapshot that is fingerprinted too, and a restore beside the old one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from blackstart.backups import Backup, Manifest
from blackstart.checks import restore_log, statistics, target_empty
from blackstart.child import Completed
from blackstart.clock import Clock
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.observe import database, tables
from blackstart.procedures.base import BackupFailed, manifest_of
from blackstart.shop import Shop
from blackstart.stack import Role

TARGET = "shop_restored"
"""What the new database is called until it takes the old one's name."""
_RELATIONS = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"""
_ANALYZED = """
SELECT DISTINCT format('%I.%I', schemaname, tablename) FROM pg_stats
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""


@dataclass(frozen=True, kw_only=True)
class LogicalDump(ABC):
    """Subclasses dump in a snapshot that they are given, and load into a database that was proven empty."""

    NAME: ClassVar[str]
    ROLES: ClassVar[tuple[Role, ...]] = ("database",)
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = True
    NEEDS: ClassVar[str]
    CANNOT_SHOW: ClassVar[str]

    @property
    @abstractmethod
    def options(self) -> Mapping[str, object]:
        """What a restore has to know of how the dump was made."""

    @abstractmethod
    def dump(self, shop: Shop, path: Path, snapshot: str) -> None:
        """Write what is to be restored to `path`; BackupFailed if it cannot be made."""

    @abstractmethod
    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Read the dump without restoring it."""

    @abstractmethod
    def load(self, shop: Shop, backup: Backup) -> Completed:
        """Bring it into the database TARGET."""

    def after_the_swap(self, shop: Shop, backup: Backup) -> Iterator[Observation]:
        """What can only be done once the new database has the old one's name."""
        yield from ()

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """A transaction exports a snapshot; `pg_dump --snapshot` and the fingerprint of every table use that one.

        What was dumped is read through to its end before the backup counts as complete.
        """
        began = clock.now()
        try:
            with shop.database(autocommit=False) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                snapshot_s = clock.now()
                snapshot = _one(connection, "SELECT pg_export_snapshot()")
                # In this order: no snapshot holds sequences, and the dump's may be ahead, but never behind.
                content = database.fingerprint(connection)
                self.dump(shop, folder / "artefact", snapshot)
        except psycopg.Error as error:
            raise BackupFailed(f"{self.NAME}: {str(error).strip().splitlines()[0]}") from error
        version = _version(shop, folder)
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            options=self.options,
            started_s=began,
            snapshot_s=snapshot_s,
            versions={"server": content.server, "pg_dump": version},
            database=content,
        )

    def provision(self, shop: Shop, role: Role) -> None:
        """A server: on a new volume if its own is gone. The data comes into a new database of it, not into the old."""
        shop.engine.create_volume(shop.volume(role))
        shop.engine.start(shop.service(role))

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """On a new volume, if its own was ruined, into a new database made from `template0`, proven empty.

        `pg_restore --exit-on-error`, or `psql` with `ON_ERROR_STOP`; exit status and lines with ERROR or FATAL are
        judged, warnings are listed. `ANALYZE` makes planner statistics for every table, which no dump carries.
        Then the new database takes the old one's name.
        """
        assert backup is not None
        with shop.database("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(TARGET)))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(TARGET)))
        with shop.database(TARGET) as target:
            there = [row[0] for row in target.execute(_RELATIONS).fetchall()]
        yield target_empty.observed("database", there)
        began = time.monotonic()
        done = self.load(shop, backup)
        yield restore_log.observed("database", done, took_s=time.monotonic() - began)
        if done.status:
            said = restore_log.lines_with(done) or ["it said nothing"]
            raise NotRecovered(f"the restore ended with {done.status}: {said[0]}", hint="see logs/")
        yield self._analyze(shop, backup)
        self._swap(shop)
        yield from self.after_the_swap(shop, backup)

    def _analyze(self, shop: Shop, backup: Backup) -> Observation:
        """A dump carries no planner statistics: without them the first queries of customers crawl."""
        assert backup.manifest.database is not None
        wanted = [name for name, table in backup.manifest.database.tables.items() if table.rows and table.columns]
        began = time.monotonic()
        with shop.database(TARGET) as target:
            found = {table.qualified: table.identifier() for table in tables.tables(target)}
            # By name: without one, ANALYZE walks the catalogues too.
            target.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(found.values())))
            took_s = time.monotonic() - began
            # Indexes over expressions have statistics of their own.
            have = [row[0] for row in target.execute(_ANALYZED).fetchall() if row[0] in found]
        return statistics.observed("database", wanted, have, took_s=took_s)

    def _swap(self, shop: Shop) -> None:
        with shop.database("postgres") as admin:
            name, target = sql.Identifier("shop"), sql.Identifier(TARGET)
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(target, name))


def _version(shop: Shop, folder: Path) -> str:
    with (folder / "version").open("wb") as out:
        shop.engine.execute(shop.service("database"), ["pg_dump", "--version"], stdout=out)
    return (folder / "version").read_text().strip().rpartition(") ")[2]


def last_line(done: Completed) -> str:
    """The last thing that a tool said."""
    return (done.errors.strip().splitlines() or ["it said nothing"])[-1]


def newer(shop: Shop, backup: Backup) -> str:
    """That a dump was made by a newer major version than the server's, or nothing.

    `pg_restore` reads many of those, since the archive's own version seldom changes; what they say may mean
    something else here.
    """
    majors = [version.split(".")[0].split(" ")[0] for version in backup.manifest.versions.values()]
    made = max((int(major) for major in majors if major.isdigit()), default=0)
    with shop.database("postgres") as admin:
        server = int(_one(admin, "SELECT current_setting('server_version_num')")) // 10_000
    return f"the dump was made by PostgreSQL {made}, and the server is {server}" if made > server else ""


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
