"""`checksums`: every row of every table is exactly what it was, whatever the order or collation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from blackstart.checks.base import Scene, first_line, observation
from blackstart.checks.row_counts import UNREADABLE, emptied_by_a_crash, unwritten
from blackstart.differences import same_content
from blackstart.evidence import DatabaseFingerprint, Observation, Stage, TableFingerprint
from blackstart.observe import fingerprints, naming, tables
from blackstart.observe.tables import Table

_ALL = sql.SQL("true")


class Checksums:
    """Sums first; only where they differ, buckets, which name the rows."""

    NAME: ClassVar[str] = "checksums"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation a table, a populated materialized view, and for the large objects, all in one snapshot."""
        expected = scene.expected_tables()
        with scene.shop.database(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            method = _method(scene, connection, expected)
            yield method
            if method.error:
                return
            for table in tables.tables(connection):
                updated = scene.shop.plan.stack.tables.get(table.qualified) == "updated"
                if table.qualified not in expected.tables or (updated and scene.backup_of("database") is None):
                    continue  # extra tables are row-counts' to name, customers' updates the ledger's
                yield _readable(scene, connection, table, expected.tables[table.qualified], _table)
            there = {table.qualified for table in tables.tables(connection)}
            for name in sorted(expected.tables.keys() - there):
                yield _missing(scene, name, expected.tables[name])
            yield from _views(scene, connection, expected)
            if expected.large_objects is not None:
                yield _readable(scene, connection, tables.large_objects(), expected.large_objects, _table)


def compare(
    connection: psycopg.Connection[Any], table: Table, expected: TableFingerprint, where: sql.Composable
) -> tuple[str, list[str]]:
    """A table's content in short, and by name what differs from a fingerprint."""
    if set(expected.columns) != {column.name for column in table.columns}:
        return "other columns", naming.changed_columns(expected, table)
    found = fingerprints.plain(connection, table, where=where)
    if same_content(expected, found):
        return short(found), []
    named = naming.changed_columns(expected, table) or naming.differing_rows(connection, table, expected, where=where)
    return short(found), named


def short(fingerprint: TableFingerprint) -> str:
    """Count and sums, short enough for a report."""
    first, second = (f"{total % 2**64:016x}" for total in fingerprint.sums)
    return f"{fingerprint.rows} rows {first}{second}"


def _method(scene: Scene, connection: psycopg.Connection[Any], expected: DatabaseFingerprint) -> Observation:
    """What was fingerprinted by another algorithm, or by another major version's functions, cannot be compared."""
    row = connection.execute("SHOW server_version").fetchone()
    wanted = _described(expected.algorithm, expected.server)
    here = _described(tables.ALGORITHM, str(row[0]) if row else "")
    seen = observation(Checksums, scene, "method", expected=wanted, actual=here)
    if wanted == here:
        return seen
    return replace(seen, error=f"fingerprints of {wanted} cannot be compared with those of {here}")


def _described(algorithm: str, server: str) -> str:
    return f"{algorithm} on PostgreSQL {server.partition('.')[0]}"


def _readable(
    scene: Scene,
    connection: psycopg.Connection[Any],
    table: Table,
    expected: TableFingerprint,
    look: Callable[[Scene, psycopg.Connection[Any], Table, TableFingerprint], Observation],
) -> Observation:
    """What is observed of a table; one that the server cannot read is damaged, and the others are read on."""
    try:
        with connection.transaction():
            return look(scene, connection, table, expected)
    except tables.DAMAGED as problem:
        return observation(
            Checksums,
            scene,
            table.qualified,
            expected=short(expected),
            actual=UNREADABLE,
            differences=[f"{table.qualified}: {first_line(problem)}"],
        )


def _missing(scene: Scene, name: str, expected: TableFingerprint) -> Observation:
    """A table that is not there at all."""
    differences = [f"missing table: {name}"]
    return observation(Checksums, scene, name, expected=short(expected), actual="missing", differences=differences)


def _table(scene: Scene, connection: psycopg.Connection[Any], table: Table, expected: TableFingerprint) -> Observation:
    found, differences = compare(connection, table, expected, unwritten(scene, table))
    warnings = []
    wanted = short(expected)
    if differences and expected.rows and found.startswith("0 rows ") and emptied_by_a_crash(scene, table, 0):
        warnings, differences, wanted = [f"{table.qualified} is unlogged: the crash emptied it"], [], found
    return observation(
        Checksums,
        scene,
        table.qualified,
        expected=wanted,
        actual=found,
        differences=differences,
        warnings=warnings,
    )


def _views(scene: Scene, connection: psycopg.Connection[Any], expected: DatabaseFingerprint) -> Iterator[Observation]:
    """Materialized views: which are populated, and what each holds."""
    found = {view.qualified: view for view in tables.views(connection)}
    differences = [f"missing or not populated: {name}" for name in expected.views if name not in found]
    differences += [f"extra: {name}" for name in found if name not in expected.views]
    if found or differences:
        yield observation(
            Checksums,
            scene,
            "materialized views",
            expected=len(expected.views),
            actual=len(found),
            differences=differences,
        )
    for name in sorted(expected.views.keys() & found.keys()):
        yield _readable(scene, connection, found[name], expected.views[name], _view)


def _view(scene: Scene, connection: psycopg.Connection[Any], view: Table, expected: TableFingerprint) -> Observation:
    """As it was; or, since a restore from a backup refreshes it, as a refresh would make it."""
    found, differences = compare(connection, view, expected, _ALL)
    seen = observation(
        Checksums, scene, view.qualified, expected=short(expected), actual=found, differences=differences
    )
    if not differences or "database" not in scene.restored:
        return seen  # nothing refreshes a view that nobody restored: it must be what it was
    fresh = tables.refreshed(connection, view)
    one, two = (short(fingerprints.plain(connection, fresh)) for _ in range(2))
    if one != two:
        return replace(seen, not_applicable=f"the query of {view.qualified} gives another result each time")
    if found != one:
        return seen
    gone = expected.rows - fingerprints.plain(connection, view).rows
    if gone > 0:
        lost = f"{view.qualified} was refreshed: {gone} rows that its tables no longer give are gone"
        return replace(seen, differences=(lost,), differing=1)
    warning = f"{view.qualified} was stale before, and has been refreshed"
    return observation(Checksums, scene, view.qualified, expected=found, actual=found, warnings=[warning])


EXTENSION = Checksums
