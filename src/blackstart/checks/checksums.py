"""`checksums`: every row of every table is exactly what it was, whatever the order or collation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from blackstart.checks.base import Scene, observation
from blackstart.checks.row_counts import unwritten
from blackstart.differences import RowDifference, row_differences, same_content
from blackstart.evidence import MAX_NAMED, Observation, Stage, TableFingerprint
from blackstart.observe import tables


class Checksums:
    """Sums first; only where they differ, buckets, which name the rows."""

    NAME: ClassVar[str] = "checksums"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation a table, all in one snapshot."""
        expected = scene.expected_tables().tables
        with scene.shop.database(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for table in tables.tables(connection):
                updated = scene.shop.plan.stack.tables.get(table.qualified) == "updated"
                if table.qualified not in expected or (updated and scene.backup_of("database") is None):
                    continue  # missing and extra tables are row-counts' to name, customers' updates the ledger's
                yield self._table(scene, connection, table, expected[table.qualified])

    def _table(
        self,
        scene: Scene,
        connection: psycopg.Connection[Any],
        table: tables.Table,
        expected: TableFingerprint,
    ) -> Observation:
        where = unwritten(scene, table.qualified)
        found = tables.plain(connection, table, where=where)
        differences: list[str] = []
        if not same_content(expected, found):
            differences = self._differences(connection, table, expected, where)
        return observation(
            Checksums,
            scene,
            table.qualified,
            expected=_short(expected),
            actual=_short(found),
            differences=differences,
        )

    def _differences(
        self,
        connection: psycopg.Connection[Any],
        table: tables.Table,
        expected: TableFingerprint,
        where: sql.Composable,
    ) -> list[str]:
        if expected.columns != tables.plain(connection, table, where=sql.SQL("false")).columns:
            return [f"columns differ: {', '.join(expected.columns)} → {', '.join(c.name for c in table.columns)}"]
        found = tables.with_buckets(connection, table, where=where, modulus=expected.modulus)
        lines = []
        for number, difference in enumerate(row_differences(expected, found)):
            lines.append(
                _name(connection, table, expected, difference) if number < MAX_NAMED else f"bucket {difference.bucket}"
            )
        return lines


def _name(
    connection: psycopg.Connection[Any],
    table: tables.Table,
    expected: TableFingerprint,
    difference: RowDifference,
) -> str:
    """One difference in words, by the row's key."""
    if difference.key is None:
        return f"several rows: in bucket {difference.bucket} of {expected.modulus}"
    row = None if difference.what == "missing" else tables.row_by_key(connection, table, difference.key)
    if row is None and difference.what != "missing":
        # The arithmetic fitted by accident: what it names is not there.
        return f"several rows: in bucket {difference.bucket} of {expected.modulus}"
    if expected.readable_key:
        name = tables.describe_key(expected, difference.key)
    elif row is not None and expected.key:
        name = ", ".join(f"{column} = {row[column]}" for column in expected.key)
    elif row is not None:
        name = ", ".join(f"{column} = {value}" for column, value in row.items())
    else:
        name = f"the one whose {'key' if expected.key else 'content'} hashes to {difference.key}"
    return f"{difference.what} row: {name}"


def _short(fingerprint: TableFingerprint) -> str:
    """Count and sums, short enough for a report."""
    first, second = (f"{total % 2**64:016x}" for total in fingerprint.sums)
    return f"{fingerprint.rows} rows {first}{second}"


EXTENSION = Checksums
