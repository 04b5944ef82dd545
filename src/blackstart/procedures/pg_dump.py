"""`pg-dump`: a logical dump of the database, plain or custom, and its restore."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import psycopg
from psycopg import sql

from blackstart.backups import Backup, Manifest, digest
from blackstart.child import Completed
from blackstart.clock import Clock
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.observe import database, tables
from blackstart.procedures.base import BackupFailed, replace_volume, seen
from blackstart.shop import Shop
from blackstart.stack import Role

_TARGET = "shop_restored"
_TRAILER = b"-- PostgreSQL database dump complete"
_TAIL_BYTES = 4096
_RELATIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"""

_ANALYZED = """
SELECT DISTINCT schemaname || '.' || tablename FROM pg_stats
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PgDump:
    """The dump and its manifest's fingerprint are taken in one and the same exported snapshot."""

    NAME: ClassVar[str] = "pg-dump"
    ROLES: ClassVar[tuple[Role, ...]] = ("database",)
    FROM_BACKUP: ClassVar[bool] = True

    format: Literal["custom", "plain"] = "custom"

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """`pg_dump --snapshot` beside a transaction that holds the snapshot and fingerprints it."""
        began = clock.now()
        try:
            with shop.database(autocommit=False) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                snapshot_s = clock.now()
                snapshot = _one(connection, "SELECT pg_export_snapshot()")
                version = self._dump(shop, folder / "artefact", snapshot)
                content = database.fingerprint(connection)
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
        """A plain dump must have its trailer (cut in the middle, it restores with exit status 0); a custom
        one must list every table of its manifest. It was read to its end when it was made."""
        fmt = backup.manifest.options.get("format", self.format)
        if fmt == "plain":
            with backup.artefact.open("rb") as file:
                file.seek(max(0, backup.manifest.bytes - _TAIL_BYTES))
                whole = _TRAILER in file.read()
            yield seen(
                "parse",
                2,
                "database",
                expected="the dump's trailer",
                actual="the dump's trailer" if whole else "none",
            )
            return
        listing = backup.folder / "listing"
        with backup.artefact.open("rb") as dump, listing.open("wb") as out:
            done = shop.engine.execute(shop.service("database"), ["pg_restore", "--list"], stdin=dump, stdout=out)
        assert backup.manifest.database is not None
        wanted = sorted(backup.manifest.database.tables)
        listed = listing.read_text().splitlines()
        data = sorted(".".join(line.split()[5:7]) for line in listed if " TABLE DATA " in line)
        error = f"pg_restore --list ended with {done.status}" if done.status else ""
        yield seen("parse", 2, "database", expected=wanted, actual=data, error=error)

    def provision(self, shop: Shop, role: Role) -> None:
        """A new volume, and a new server on it."""
        replace_volume(shop, role)
        shop.engine.start(shop.service(role))

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """Into a new database made from template0, proven empty; then it takes the old one's name."""
        assert backup is not None
        with shop.database("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(_TARGET)))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(_TARGET)))
        with shop.database(_TARGET) as target:
            relations = int(_one(target, _RELATIONS))
        yield seen("target-empty", 3, "database", expected=0, actual=relations)
        began = time.monotonic()
        done = self._load(shop, backup)
        loaded_s = time.monotonic() - began
        said = [line for line in done.errors.splitlines() if "ERROR:" in line or "FATAL:" in line or "error:" in line]
        warnings = [line for line in done.errors.splitlines() if "WARNING:" in line or "warning:" in line]
        actual = {"exit status": done.status, "error lines": len(said)}
        expected = {"exit status": 0, "error lines": 0}
        yield seen(
            "restore-log",
            3,
            "database",
            expected=expected,
            actual=actual,
            differences=said[:20],
            warnings=warnings[:20],
            took_s=loaded_s,
        )
        if done.status:
            raise NotRecovered(
                f"the restore ended with {done.status}: {(said or ['it said nothing'])[0]}", hint="see logs/"
            )
        yield self._analyze(shop, backup)
        self._swap(shop)

    def _analyze(self, shop: Shop, backup: Backup) -> Observation:
        """A dump carries no planner statistics: without them the first queries of customers crawl."""
        assert backup.manifest.database is not None
        wanted = [name for name, table in backup.manifest.database.tables.items() if table.rows]
        began = time.monotonic()
        with shop.database(_TARGET) as target:
            found = {table.qualified: table.identifier() for table in tables.tables(target)}
            # By name: without one, ANALYZE walks the catalogues too.
            target.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(found.values())))
            took_s = time.monotonic() - began
            # Indexes over expressions have statistics of their own.
            have = [row[0] for row in target.execute(_ANALYZED).fetchall() if row[0] in found]
        return seen("statistics", 3, "database", expected=sorted(wanted), actual=sorted(have), took_s=took_s)

    def _dump(self, shop: Shop, path: Path, snapshot: str) -> str:
        words = ["pg_dump", f"--format={self.format}", f"--snapshot={snapshot}", "--no-password"]
        words += ["--compress=zstd"] if self.format == "custom" else []
        with path.open("wb") as out:
            done = shop.engine.execute(shop.service("database"), words, stdout=out)
        if done.status:
            raise BackupFailed(f"pg_dump ended with {done.status}: {done.errors.strip().splitlines()[-1:]}")
        if self.format == "custom":
            self._read_through(shop, path)
        with path.with_name("version").open("wb") as out:
            shop.engine.execute(shop.service("database"), ["pg_dump", "--version"], stdout=out)
        return path.with_name("version").read_text().strip().rpartition(") ")[2]

    def _read_through(self, shop: Shop, path: Path) -> None:
        """The archive's list stands at its head: only reading on shows that it has an end.

        Done here and not when it is restored, where it would be part of the outage.
        """
        with path.open("rb") as dump:
            words = ["pg_restore", "--file=/dev/null"]
            done = shop.engine.execute(shop.service("database"), words, stdin=dump)
        if done.status:
            raise BackupFailed(f"the dump cannot be read to its end: {done.errors.strip().splitlines()[-1:]}")

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


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


EXTENSION = PgDump
