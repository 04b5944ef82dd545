"""`physical`: pages on disk have the checksums that they were written with, and tables and indexes agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from blackstart.checks.base import Scene, first_line, observation
from blackstart.evidence import MAX_NAMED, Observation, Stage
from blackstart.observe.tables import DAMAGED

# The server reads every file and sends nothing.
_READ_ALL = ("pg_basebackup", "--target=blackhole", "--wal-method=none", "--checkpoint=fast", "--no-manifest")
_WRONG_PAGE = re.compile(r'checksum verification failed in file "(?:\./)?([^"]+)", block (\d+)')
_FILE = re.compile(r"(?:base|pg_tblspc/(?P<space>\d+)/[^/]+)/(?P<database>\d+)/(?P<node>\d+)|global/(?P<shared>\d+)")
_GLOBAL = 1664

_NAMED = """
SELECT concat(CASE WHEN c.relkind = 'i' THEN format('index %%s of ', c.relname) END,
              CASE WHEN o.oid IS NULL THEN 'table ' ELSE 'toast ' END,
              format('%%I.%%I', n.nspname, coalesce(o.relname, h.relname)))
FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
JOIN pg_class h ON h.oid = coalesce(i.indrelid, c.oid)
LEFT JOIN pg_class o ON o.reltoastrelid = h.oid
JOIN pg_namespace n ON n.oid = coalesce(o.relnamespace, h.relnamespace)
WHERE c.oid = pg_filenode_relation(%s, %s)"""

# A base backup checks no page whose LSN says that it was written after the backup began. No sound page is on disk
# before its log is: where the log was flushed to is asked after each page is read.
_BEYOND_THE_LOG = """
SELECT f.path, b FROM pg_class c
CROSS JOIN (SELECT current_setting('block_size')::int8 AS bytes,
                   (SELECT setting::int8 FROM pg_settings WHERE name = 'segment_size') AS blocks) AS s
CROSS JOIN LATERAL generate_series(0, pg_relation_size(c.oid) / s.bytes - 1) AS b
CROSS JOIN LATERAL (SELECT pg_relation_filepath(c.oid) || coalesce('.' || nullif(b / s.blocks, 0), '') AS path) AS f
CROSS JOIN LATERAL pg_read_binary_file(f.path, b %% s.blocks * s.bytes, 8, true) AS r
CROSS JOIN LATERAL (SELECT CASE WHEN length(r) = 8 THEN r END AS head) AS h
CROSS JOIN LATERAL (
    SELECT (get_byte(head, 3)::int8 << 24) + (get_byte(head, 2) << 16) + (get_byte(head, 1) << 8) + get_byte(head, 0)
           AS high,
           (get_byte(head, 7)::int8 << 24) + (get_byte(head, 6) << 16) + (get_byte(head, 5) << 8) + get_byte(head, 4)
           AS low) AS l
WHERE c.relpersistence <> 't' AND high * 4294967296::numeric + low > pg_current_wal_flush_lsn() - '0/0'::pg_lsn
ORDER BY 1, 2 LIMIT %s"""

_TABLES = """
SELECT h.qualified, p.what, p.oid, ARRAY(
    SELECT json_build_array(i.indexrelid, x.relname) FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
    WHERE i.indrelid = p.oid AND m.amname = 'btree' AND i.indisvalid AND i.indisready ORDER BY x.relname)
FROM (SELECT format('%I.%I', n.nspname, c.relname) AS qualified, c.oid, c.reltoastrelid
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')) AS h
CROSS JOIN LATERAL (VALUES ('table', h.oid), ('toast', h.reltoastrelid)) AS p (what, oid)
WHERE p.oid <> 0
ORDER BY h.qualified, p.what"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at a table, at its toast, or at an index of either."""

    what: str
    query: sql.Composed


class Physical:
    """Page checksums of all files, by the server's own reading; then amcheck, table by table."""

    NAME: ClassVar[str] = "physical"
    LAYER: ClassVar[int] = 7
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """Whether checksums are on, what is wrong with pages on disk, and what is wrong with each table."""
        expected = scene.expected_tables().page_checksums
        with scene.shop.database() as connection:
            checked = _one(connection, "SHOW data_checksums")
            yield observation(Physical, scene, "page checksums", expected=expected, actual=checked)
            yield _pages(scene, connection, checked)
        with scene.shop.database(autocommit=False) as connection:
            schema = _amcheck(connection)
            if schema is None:
                yield replace(_sound(scene, "amcheck", []), not_applicable="the server has no extension amcheck")
                return
            for table, looks in _looks(connection, schema):
                yield _sound(scene, table, [line for look in looks for line in _damage(connection, look)])
            connection.rollback()  # nobody asked for the extension but us


def _pages(scene: Scene, connection: psycopg.Connection[Any], checked: str) -> Observation:
    """Every page of every file, but for those of unlogged tables, which no base backup holds."""
    sound = _sound(scene, "pages on disk", [])
    if checked != "on":
        return replace(sound, not_applicable="the server keeps no page checksums")
    for setting, without in (("wal_level", "minimal"), ("max_wal_senders", "0")):
        if _one(connection, f"SHOW {setting}") == without:
            return replace(sound, not_applicable=f"{setting} is {without}: the server makes no base backups")
    done = scene.shop.engine.execute(scene.shop.service("database"), [*_READ_ALL, "--no-password"])
    wrong = _WRONG_PAGE.findall(done.errors)
    if done.status and not wrong:
        said = (done.errors.strip().splitlines() or ["it said nothing"])[-1]
        return replace(sound, error=f"pg_basebackup ended with {done.status}: {said}")
    beyond = connection.execute(_BEYOND_THE_LOG.encode(), (MAX_NAMED + 1,)).fetchall()
    found = [f"{_owner(connection, path)}: block {block}" for path, block in wrong]
    found += [f"{_owner(connection, path)}: block {block} has an LSN beyond the log" for path, block in beyond]
    return _sound(scene, "pages on disk", found)


def _sound(scene: Scene, subject: str, damage: Sequence[str]) -> Observation:
    actual = "damaged" if damage else "sound"
    return observation(Physical, scene, subject, expected="sound", actual=actual, differences=damage)


def _owner(connection: psycopg.Connection[Any], path: str) -> str:
    """The relation that a file belongs to; where another database must be asked, the file."""
    found = _FILE.match(path)
    if found is None:
        return path
    node, space = found["shared"] or found["node"], _GLOBAL if found["shared"] else found["space"] or 0
    query = "SELECT datname, datname = current_database() FROM pg_database WHERE oid = %s"
    row = connection.execute(query, (found["database"],)).fetchone() if found["database"] else (None, True)
    if row and not row[1]:
        return f"database {row[0]}: {path}"
    named = connection.execute(_NAMED, (space, node)).fetchone() if row else None
    return f"{named[0]} ({path})" if named else path


def _amcheck(connection: psycopg.Connection[Any]) -> sql.Composable | None:
    """The schema of amcheck's functions, made within this transaction if need be; None if the server has none."""
    connection.execute("SET TRANSACTION READ WRITE")
    # Somebody's trigger on DDL is not for us. PostgreSQL 16 has no such switch.
    connection.execute("SELECT set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers'")
    query = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'amcheck'"
    row = connection.execute(query).fetchone()
    if row is not None:
        return sql.SQL(row[0])
    if connection.execute("SELECT FROM pg_available_extensions WHERE name = 'amcheck'").fetchone() is None:
        return None
    schema = sql.Identifier("blackstart physical")
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    connection.execute(sql.SQL("CREATE EXTENSION amcheck SCHEMA {}").format(schema))
    return schema


def _looks(connection: psycopg.Connection[Any], schema: sql.Composable) -> Iterator[tuple[str, list[_Look]]]:
    """Each table, and what is to be looked at."""
    heap = sql.SQL(
        "SELECT format('block %s, tuple %s: %s', blkno, offnum, msg)"
        " FROM {}.verify_heapam({}::oid::regclass, check_toast => true) LIMIT {}"
    )
    index = sql.SQL("SELECT NULL FROM {}.bt_index_check({}::oid::regclass, heapallindexed => true)")
    found: dict[str, list[_Look]] = {}
    for table, what, oid, indexes in connection.execute(_TABLES.encode()).fetchall():
        looks = found.setdefault(table, [])
        looks.append(_Look(what=f"{what} {table}", query=heap.format(schema, oid, MAX_NAMED + 1)))
        looks += [
            _Look(what=f"index {name} of {what} {table}", query=index.format(schema, number))
            for number, name in indexes
        ]
    yield from found.items()


def _damage(connection: psycopg.Connection[Any], look: _Look) -> list[str]:
    """What one look finds; an error of the server's is a find too."""
    try:
        with connection.transaction():
            rows = connection.execute(look.query).fetchall()
    except DAMAGED as problem:
        return [f"{look.what}: {first_line(problem)}"]
    return [f"{look.what}: {row[0]}" for row in rows if row[0] is not None]


def _one(connection: psycopg.Connection[Any], query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


EXTENSION = Physical
