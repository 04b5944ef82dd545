"""`pg-dump`: a logical dump of the database, plain or custom, and its restore."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import psycopg
from psycopg import sql

from blackstart.backups import Backup, Manifest, digest
from blackstart.checks import parse, restore_log, statistics, target_empty
from blackstart.child import Completed
from blackstart.clock import Clock
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.observe import database, tables
from blackstart.procedures import dumps
from blackstart.procedures.base import BackupFailed
from blackstart.shop import Shop
from blackstart.stack import Role

_TARGET = "shop_restored"
_RELATIONS = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"""

_ANALYZED = """
SELECT DISTINCT format('%I.%I', schemaname, tablename) FROM pg_stats
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PgDump:
    """The dump and its manifest's fingerprint are of one exported snapshot, so it must restore row for row."""

    NAME: ClassVar[str] = "pg-dump"
    ROLES: ClassVar[tuple[Role, ...]] = ("database",)
    FROM_BACKUP: ClassVar[bool] = True
    NEEDS: ClassVar[str] = (
        "PostgreSQL 16 or newer with zstd; `pg_dump`, `pg_restore` and `psql` beside the server; "
        "both engines have them."
    )
    CANNOT_SHOW: ClassVar[str] = (
        "what a dump of one database does not hold: roles, settings made with ALTER DATABASE, other databases. "
        "Everything between the newest dump and the fault is lost."
    )

    format: Literal["custom", "plain"] = "custom"

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """A transaction exports a snapshot; `pg_dump --snapshot` and the fingerprint of every table use that one.

        A custom dump is compressed with zstd and read through to its end before it counts as complete: its list
        stands at its head, so a cut one would still list everything.
        """
        began = clock.now()
        try:
            with shop.database(autocommit=False) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                snapshot_s = clock.now()
                snapshot = _one(connection, "SELECT pg_export_snapshot()")
                # In this order: no snapshot holds sequences, and the dump's may be ahead, but never behind.
                content = database.fingerprint(connection)
                version = self._dump(shop, folder / "artefact", snapshot)
        except psycopg.Error as error:
            raise BackupFailed(f"{self.NAME}: {str(error).strip().splitlines()[0]}") from error
        size, sha256 = digest(folder / "artefact")
        completed = clock.now()
        return Manifest(
            id=folder.name,
            run_id=shop.plan.run_id,
            cycle=cycle,
            role=role,
            procedure=self.NAME,
            options={"format": self.format},
            started_s=began,
            snapshot_s=snapshot_s,
            completed_s=completed,
            completed_at=clock.at(completed),
            bytes=size,
            sha256=sha256,
            versions={"server": content.server, "pg_dump": version},
            database=content,
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """The dump holds exactly its manifest's tables and can be read to its end.

        A custom one is listed with `pg_restore --list` and read through; a plain one is read line by line: it must
        have its trailer, and every COPY its end, because one that was cut restores with exit status 0.
        """
        custom = backup.manifest.options.get("format", self.format) == "custom"
        wanted, kind = parse.CUSTOM_DUMP if custom else parse.PLAIN_DUMP, parse.kind_of(backup.artefact)
        if kind != wanted:
            yield parse.wrong_kind("database", wanted=wanted, found=kind)
            return
        tables_wanted = backup.manifest.database.tables if backup.manifest.database else {}
        held, broken = self._custom(shop, backup, tables_wanted) if custom else dumps.plain(backup.artefact)
        yield parse.observed(
            "database",
            expected={"tables": len(tables_wanted), "whole": True},
            actual={"tables": len(held), "whole": not broken},
            differences=[
                *([broken] if broken else []),
                *(f"the dump has no table {name}" for name in sorted(tables_wanted.keys() - set(held))),
                *(f"the manifest has no table {name}" for name in sorted(set(held) - tables_wanted.keys())),
            ],
        )

    def _custom(self, shop: Shop, backup: Backup, wanted: Collection[str]) -> tuple[list[str], str]:
        """The tables that a custom dump holds, and what keeps it from being read to its end."""
        listing = backup.folder / "listing"
        with backup.artefact.open("rb") as dump, listing.open("wb") as out:
            done = shop.engine.execute(shop.service("database"), ["pg_restore", "--list"], stdin=dump, stdout=out)
        if not done.status:
            done = self._read_through(shop, backup.artefact)
        broken = f"the dump cannot be read to its end: {_last_line(done)}" if done.status else ""
        return dumps.listed(listing.read_text(errors="replace"), wanted), broken

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
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(_TARGET)))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(_TARGET)))
        with shop.database(_TARGET) as target:
            there = [row[0] for row in target.execute(_RELATIONS).fetchall()]
        yield target_empty.observed("database", there)
        began = time.monotonic()
        done = self._load(shop, backup)
        yield restore_log.observed("database", done, took_s=time.monotonic() - began)
        if done.status:
            said = restore_log.lines_with(done) or ["it said nothing"]
            raise NotRecovered(f"the restore ended with {done.status}: {said[0]}", hint="see logs/")
        yield self._analyze(shop, backup)
        self._swap(shop)

    def _analyze(self, shop: Shop, backup: Backup) -> Observation:
        """A dump carries no planner statistics: without them the first queries of customers crawl."""
        assert backup.manifest.database is not None
        wanted = [name for name, table in backup.manifest.database.tables.items() if table.rows and table.columns]
        began = time.monotonic()
        with shop.database(_TARGET) as target:
            found = {table.qualified: table.identifier() for table in tables.tables(target)}
            # By name: without one, ANALYZE walks the catalogues too.
            target.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(found.values())))
            took_s = time.monotonic() - began
            # Indexes over expressions have statistics of their own.
            have = [row[0] for row in target.execute(_ANALYZED).fetchall() if row[0] in found]
        return statistics.observed("database", wanted, have, took_s=took_s)

    def _dump(self, shop: Shop, path: Path, snapshot: str) -> str:
        words = ["pg_dump", f"--format={self.format}", f"--snapshot={snapshot}", "--no-password"]
        words += ["--compress=zstd"] if self.format == "custom" else []
        with path.open("wb") as out:
            done = shop.engine.execute(shop.service("database"), words, stdout=out)
        if done.status:
            raise BackupFailed(f"pg_dump ended with {done.status}: {_last_line(done)}")
        if self.format == "custom":
            done = self._read_through(shop, path)
            if done.status:
                raise BackupFailed(f"the dump cannot be read to its end: {_last_line(done)}")
        with path.with_name("version").open("wb") as out:
            shop.engine.execute(shop.service("database"), ["pg_dump", "--version"], stdout=out)
        return path.with_name("version").read_text().strip().rpartition(") ")[2]

    def _read_through(self, shop: Shop, path: Path) -> Completed:
        """Read a custom dump to its end, as a restore would; what was read goes nowhere."""
        with path.open("rb") as dump:
            words = ["pg_restore", "--file=/dev/null"]
            return shop.engine.execute(shop.service("database"), words, stdin=dump)

    def _load(self, shop: Shop, backup: Backup) -> Completed:
        fmt = backup.manifest.options.get("format", self.format)
        words: Sequence[str] = ["pg_restore", f"--dbname={_TARGET}", "--exit-on-error", "--no-password"]
        if fmt == "plain":
            words = [
                "psql",
                "--no-psqlrc",
                "--quiet",
                f"--dbname={_TARGET}",
                "--set=ON_ERROR_STOP=1",
                "--no-password",
            ]
        with backup.artefact.open("rb") as dump:
            return shop.engine.execute(shop.service("database"), words, stdin=dump)

    def _swap(self, shop: Shop) -> None:
        with shop.database("postgres") as admin:
            name, target = sql.Identifier("shop"), sql.Identifier(_TARGET)
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
            admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(target, name))


def _last_line(done: Completed) -> str:
    return (done.errors.strip().splitlines() or ["it said nothing"])[-1]


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


EXTENSION = PgDump
