"""`negative-control`: a change planted on purpose, and rolled back, turns the very checks of this run red."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import psycopg
from psycopg import sql

from blackstart.catalog_differences import changes, line
from blackstart.checks.base import Scene, observation
from blackstart.checks.checksums import compare, short
from blackstart.checks.row_counts import count, unwritten
from blackstart.differences import describe_key, same_content
from blackstart.errors import NotConducted
from blackstart.evidence import Observation, Stage, TableFingerprint
from blackstart.observe import catalog, fingerprints, naming, tables
from blackstart.observe.fingerprints import Row
from blackstart.observe.tables import Table

LARGE_ROWS = 100_000
"""Larger tables are drawn last, by size: each control reads its table again, and customers wait meanwhile."""

_OTHERWISE = {
    "smallint": "{0} # 1",
    "integer": "{0} # 1",
    "bigint": "{0} # 1",
    "numeric": "{0} + 1",
    "text": "{0} || '?'",
    "boolean": "NOT {0}",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
}
"""By type, how a value is changed."""

# Triggers and rules that act even now might do more than can be rolled back.
_QUIET = """
SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgenabled IN ('A', 'R'))
   AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid AND ev_enabled IN ('A', 'R'))
FROM pg_class c WHERE c.oid = %s::regclass"""

_CONSTRAINTS = """
SELECT o.oid, o.conname FROM pg_constraint o
JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE o.contype = 'c' AND o.conislocal AND o.coninhcount = 0 AND c.relkind = 'r' AND NOT c.relispartition
  AND NOT c.relhassubclass AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY n.nspname, c.relname, o.conname"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Control:
    """One way to spoil a table, and where that is possible."""

    subject: str
    what: Literal["changed", "missing", "extra"]
    plant: Callable[[psycopg.Connection[Any], Table, sql.Composable], bool]
    """Spoil the row that a condition names; whether that was possible."""
    rows: int
    """By how many rows the table then has more."""
    keyed: bool
    nowhere: str


class NegativeControl:
    """One row changed, one missing, one doubled, one constraint dropped: each must be found and named."""

    NAME: ClassVar[str] = "negative-control"
    LAYER: ClassVar[int] = 14
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for each control, and one that nothing of them stayed."""
        draw = random.Random(f"{scene.shop.plan.seed} {scene.stage}")
        before: dict[str, str] = {}
        with scene.shop.database(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ WRITE")
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("SELECT set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers'")
            suitable = [table for table in tables.tables(connection) if _suits(scene, connection, table)]
            draw.shuffle(suitable)
            suitable.sort(key=lambda table: max(LARGE_ROWS, scene.expected_tables().tables[table.qualified].rows))
            for control in CONTROLS:
                tried = (_tried(scene, connection, control, table, draw, before) for table in suitable)
                seen = next((seen for seen in tried if seen is not None), None)
                yield seen or _nowhere(scene, control.subject, control.nowhere)
            yield _unconstrained(scene, connection, draw)
            connection.rollback()
        if suitable and not before:
            raise NotConducted("no row could be spoilt, so the checks were not put to the test")
        with scene.shop.database() as connection:
            there = {table.qualified: table for table in tables.tables(connection)}
            after = {name: short(fingerprints.plain(connection, there[name])) for name in before if name in there}
        yield observation(NegativeControl, scene, "afterwards", expected=before, actual=after)


def _suits(scene: Scene, connection: psycopg.Connection[Any], table: Table) -> bool:
    """Whether a table is compared at all, and is neither empty nor guarded by triggers."""
    expected = scene.expected_tables().tables.get(table.qualified)
    updated = scene.shop.plan.stack.tables.get(table.qualified) == "updated" and scene.backup_of("database") is None
    if expected is None or updated or not expected.rows or not table.columns:
        return False
    return connection.execute(_QUIET, (table.qualified,)).fetchone() == (True,)


def _tried(
    scene: Scene,
    connection: psycopg.Connection[Any],
    control: _Control,
    table: Table,
    draw: random.Random,
    before: dict[str, str],
) -> Observation | None:
    """What the checks say of a row spoilt in this table; None if it cannot be spoilt in this way."""
    where = unwritten(scene, table)
    with connection.transaction(force_rollback=True):
        planted = _planted(scene, connection, control, table, where, draw, before)
        if planted is None:
            return None
        expected, row = planted
        wanted = {"checksums": _words(control, expected, row), "row-counts": expected.rows + control.rows}
        said = compare(connection, table, expected, where)[1]
        found = {"checksums": _heard(wanted["checksums"], said), "row-counts": count(connection, table, where)}
    return observation(NegativeControl, scene, f"{control.subject} in {table.qualified}", expected=wanted, actual=found)


def _planted(
    scene: Scene,
    connection: psycopg.Connection[Any],
    control: _Control,
    table: Table,
    where: sql.Composable,
    draw: random.Random,
    before: dict[str, str],
) -> tuple[TableFingerprint, Row] | None:
    """Spoil a row; returns it as it was, and what the table is compared with.

    That is what the run's own checks compare it with; where the table differs from that already, what it
    was a moment ago.
    """
    if bool(table.key) != control.keyed:
        return None
    try:
        with connection.transaction():
            place = _place(connection, table, where, draw)
            row = fingerprints.first_row(connection, table, place)
            known = scene.expected_tables().tables[table.qualified]
            sound = same_content(known, fingerprints.plain(connection, table, where=where))
            expected = known if sound else fingerprints.with_buckets(connection, table, where=where)
            before.setdefault(table.qualified, short(fingerprints.plain(connection, table)))
            return (expected, row) if row and control.plant(connection, table, place) else None
    except (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.GeneratedAlways, *tables.DAMAGED):
        return None  # a constraint is in the way, or the table cannot even be read: another one, then


def _place(
    connection: psycopg.Connection[Any], table: Table, where: sql.Composable, draw: random.Random
) -> sql.Composable:
    """A condition that is true of one row, drawn from all."""
    number = draw.randrange(max(1, count(connection, table, where)))
    query = sql.SQL("SELECT ctid::text FROM {} WHERE {} OFFSET {} LIMIT 1")
    row = connection.execute(query.format(table.source(), where, number)).fetchone()
    return sql.SQL("ctid = {}::tid").format(row[0]) if row else sql.SQL("false")


def _change(connection: psycopg.Connection[Any], table: Table, place: sql.Composable) -> bool:
    """Another value in the first column that takes one."""
    for column in table.columns:
        if column.place is not None or column.type not in _OTHERWISE:
            continue
        name = sql.Identifier(column.name)
        other = sql.SQL(_OTHERWISE[column.type]).format(name)
        query = sql.SQL("UPDATE {} SET {} = {} WHERE {} AND {} IS DISTINCT FROM {}")
        try:
            with connection.transaction():
                if connection.execute(query.format(table.source(), name, other, place, name, other)).rowcount == 1:
                    return True
        except (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError):
            continue  # some constraint forbids it, or the value is generated
    return False


def _delete(connection: psycopg.Connection[Any], table: Table, place: sql.Composable) -> bool:
    return connection.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table.source(), place)).rowcount == 1


def _double(connection: psycopg.Connection[Any], table: Table, place: sql.Composable) -> bool:
    query = sql.SQL("INSERT INTO {} OVERRIDING SYSTEM VALUE SELECT * FROM {} WHERE {}")
    return connection.execute(query.format(table.identifier(), table.source(), place)).rowcount == 1


def _words(control: _Control, expected: TableFingerprint, row: Row) -> str:
    """The words in which the spoilt row must be named."""
    if expected.readable_key:
        return f"{control.what} row: {describe_key(expected, row.key)}"
    if control.what == "missing":
        return f"missing row: the one whose key hashes to {row.key}"
    return f"{control.what} row: {naming.described(row, expected.key)}"


def _heard(wanted: object, said: Sequence[str]) -> str:
    """What was wanted, if it was said; else what was said first."""
    return next((each for each in said if each == wanted), said[0] if said else "green")


def _unconstrained(scene: Scene, connection: psycopg.Connection[Any], draw: random.Random) -> Observation:
    """A constraint that is gone."""
    found = connection.execute(_CONSTRAINTS).fetchall()
    if not found:
        return _nowhere(scene, "a missing constraint", "no table has a check constraint of its own")
    oid, name = draw.choice(found)
    before, known = catalog.read(connection), scene.expected_tables().catalog.get("constraints", {})
    expected = before["constraints"] if list(changes(known, before["constraints"])) else known
    with connection.transaction(force_rollback=True):
        # ALTER TABLE would wait for the backup that holds a snapshot of the table, whose dump would wait for us.
        connection.execute("DELETE FROM pg_constraint WHERE oid = %s", (oid,))
        gone = list(changes(expected, catalog.read(connection)["constraints"]))
    said = [line("constraints", change) for change in gone]
    wanted = next((text for text in said if text.startswith("missing constraint") and name in text), name)
    return observation(
        NegativeControl, scene, f"a missing constraint: {name}", expected=wanted, actual=_heard(wanted, said)
    )


def _nowhere(scene: Scene, subject: str, reason: str) -> Observation:
    return replace(observation(NegativeControl, scene, subject, expected=None, actual=None), not_applicable=reason)


CONTROLS = (
    _Control(
        subject="a changed row",
        what="changed",
        plant=_change,
        rows=0,
        keyed=True,
        nowhere="no table with a key has a value that can be changed",
    ),
    _Control(
        subject="a missing row",
        what="missing",
        plant=_delete,
        rows=-1,
        keyed=True,
        nowhere="no table with a key has a row",
    ),
    _Control(
        subject="a row twice",
        what="extra",
        plant=_double,
        rows=1,
        keyed=False,
        nowhere="every table has a key that forbids it",
    ),
)
EXTENSION = NegativeControl
