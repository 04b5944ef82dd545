"""Simpler ways of verifying a restore, really carried out on the same copies."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import redis

from blackstart.child import ask
from blackstart.errors import NotConducted
from blackstart.selftest.bench import Bench, psql
from blackstart.selftest.copy import SpoiltCopy
from blackstart.shop import Shop
from blackstart.stack import Role

_RESTORED = "simply_restored"
_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What simpler ways see of a shop; None: they could not look, which everybody notices."""

    exit_code: int
    """Of the restore; what is spoilt after it cannot change it."""
    counts: Mapping[str, int] | None
    dump: str | None
    not_run: Collection[str] = ()
    """Which of `matrix.SIMPLER` were not carried out."""


def healthy(bench: Bench) -> Looked:
    """The copy before anything is spoilt."""
    shop = bench.shop
    return Looked(exit_code=0, counts=_counts(bench, "shop", _files(shop)), dump=_dump(shop, "shop"))


def start_cache(bench: Bench, copy: SpoiltCopy) -> bool | None:
    """Whether Redis starts on the newest RDB file, which it then has loaded; None: it was not tried.

    What this copy or the bench has restored from these very bytes runs already. Where volumes are no folders the
    server is a container, and that one does not start is known only after two minutes.
    """
    if "backups" not in copy.touched or "cache" in copy.restored:
        return True
    newest, healthy = _newest(copy, "cache"), bench.restored["cache"]
    if (newest / "artefact").read_bytes() == healthy.artefact.read_bytes():
        return True
    if bench.shop.engine.folder_of(bench.shop.volume("cache")) is None:
        return None
    copy.touched.add("cache")
    try:
        bench.restore("cache", replace(healthy, folder=newest))
    except NotConducted:
        bench.empty_cache()
        return False
    return True


def look(bench: Bench, copy: SpoiltCopy, before: Looked, *, started: bool | None) -> Looked:
    """The copy as it is; if its backups were spoilt, what a plain restore makes of them."""
    shop = bench.shop
    if "backups" in copy.touched:
        return _look_at_a_restore(bench, copy, started)
    # What nobody touched is the same.
    dump = _dump(shop, "shop") if "database" in copy.touched else before.dump
    files = before.counts["files"] if before.counts and "uploads" not in copy.touched else _files(shop)
    return Looked(exit_code=0, counts=_counts(bench, "shop", files), dump=dump)


def noticed(healthy: Looked, now: Looked) -> dict[str, bool | None]:
    """By `matrix.SIMPLER`, who noticed anything; None: it was not carried out."""
    found = {
        "exit code": now.exit_code != 0,
        "row counts": now.counts is None or now.counts != healthy.counts,
        "dump diff": now.dump is None or now.dump != healthy.dump,
    }
    return {way: None if way in now.not_run else yes for way, yes in found.items()}


def _look_at_a_restore(bench: Bench, copy: SpoiltCopy, started: bool | None) -> Looked:
    """The newest artefacts restored, as a script does that knows no manifests, and that goes on after errors."""
    shop = bench.shop
    newest = {role: _newest(copy, role) / "artefact" for role in bench.restored}
    with shop.database("postgres") as admin, tempfile.TemporaryDirectory(dir=bench.stage.state.work) as folder:
        admin.execute(f"DROP DATABASE IF EXISTS {_RESTORED}".encode())
        admin.execute(f"CREATE DATABASE {_RESTORED} TEMPLATE template0".encode())
        try:
            status = _load(shop, newest["database"])
            psql(shop, "database.sql", database=_RESTORED)
            unpacked = ask(["tar", "-C", folder, "-xf", str(newest["uploads"])]) is not None
            files = sum(path.is_file() and not path.is_symlink() for path in Path(folder).rglob("*"))
            counts = _counts(bench, _RESTORED, files) if started else None
            dump = _dump(shop, _RESTORED)
        finally:
            admin.execute(f"DROP DATABASE {_RESTORED}".encode())
    return Looked(
        exit_code=status or (0 if unpacked and started is not False else 2),
        counts=counts,
        dump=dump,
        not_run=("exit code", "row counts") if started is None else (),
    )


def _newest(copy: SpoiltCopy, role: Role) -> Path:
    """The folder of the newest backup, complete or not."""
    return max((copy.backups() / role).iterdir())


def _load(shop: Shop, dump: Path) -> int:
    """pg_restore's exit status."""
    if not dump.is_file():
        return 1
    with dump.open("rb") as stdin:
        words = ["pg_restore", f"--dbname={_RESTORED}", "--no-password"]
        return shop.engine.execute(shop.service("database"), words, stdin=stdin).status


def _counts(bench: Bench, database: str, files: int) -> dict[str, int] | None:
    """Rows of every table, how many files, and how many keys beside those that have not expired."""
    shop = bench.shop
    try:
        with shop.database(database) as connection, shop.cache() as client:
            names = [row[0] for row in connection.execute(_TABLES).fetchall()]
            found = {name: _count(connection, name) for name in names}
            return {**found, "files": files, "keys": len(set(client.scan_iter(count=500))) - bench.keys.alive()}
    except (psycopg.Error, redis.RedisError):
        return None


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    """Rows of a table whose name is quoted already."""
    row = connection.execute(b"SELECT count(*) FROM " + table.encode()).fetchone()
    return int(row[0]) if row else 0


def _files(shop: Shop) -> int:
    """How many files the uploads volume has."""
    with shop.engine.read_volume(shop.volume("uploads")) as tar, tarfile.open(fileobj=tar, mode="r|") as archive:
        return sum(member.isreg() for member in archive)


def _dump(shop: Shop, database: str) -> str | None:
    """SHA-256 of a plain dump, without the token that differs each time."""
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as out:
        words = ["pg_dump", "--format=plain", "--no-password", f"--dbname={database}"]
        if shop.engine.execute(shop.service("database"), words, stdout=out).status:
            return None
        out.seek(0)
        for line in out:
            if not line.startswith((b"\\restrict ", b"\\unrestrict ")):
                digest.update(line)
    return digest.hexdigest()
