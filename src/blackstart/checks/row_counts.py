"""`row-counts`: every table is there, none is extra, and each has its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from blackstart.checks.base import Scene, first_line, observation
from blackstart.evidence import Observation, Stage
from blackstart.observe import tables
from blackstart.observe.tables import Table

UNREADABLE = "unreadable"


class RowCounts:
    """After a restore: the manifest's counts. After a crash: the seed's, beside the customers' rows."""

    NAME: ClassVar[str] = "row-counts"
    LAYER: ClassVar[int] = 5
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for the set of tables, one for each table that is expected and there."""
        expected = scene.expected_tables().tables
        with scene.shop.database() as connection:
            found = {table.qualified: table for table in tables.tables(connection)}
            differences = [f"missing table: {name}" for name in expected if name not in found]
            differences += [f"extra table: {name}" for name in found if name not in expected]
            yield observation(
                RowCounts, scene, "tables", expected=len(expected), actual=len(found), differences=differences
            )
            for name in sorted(expected.keys() & found.keys()):
                yield self._table(scene, connection, found[name], expected[name].rows)

    def _table(self, scene: Scene, connection: psycopg.Connection[Any], table: Table, expected: int) -> Observation:
        try:
            rows = count(connection, table, unwritten(scene, table))
        except tables.DAMAGED as problem:
            differences = [f"{table.qualified}: {first_line(problem)}"]
            return observation(
                RowCounts, scene, table.qualified, expected=expected, actual=UNREADABLE, differences=differences
            )
        if expected and emptied_by_a_crash(scene, table, rows):
            warning = f"{table.qualified} is unlogged: the crash emptied it, {expected} rows are gone"
            return observation(RowCounts, scene, table.qualified, expected=0, actual=0, warnings=[warning])
        amiss = [f"{table.qualified} has {rows} rows, and was to have {expected}"] if rows != expected else []
        return observation(RowCounts, scene, table.qualified, expected=expected, actual=rows, differences=amiss)


def count(connection: psycopg.Connection[Any], table: Table, where: sql.Composable) -> int:
    """How many rows of a table fulfil a condition."""
    row = connection.execute(sql.SQL("SELECT count(*) FROM {} WHERE {}").format(table.source(), where)).fetchone()
    return int(row[0]) if row else 0


def unwritten(scene: Scene, table: Table) -> sql.Composable:
    """The rows of a table that no customer added: all of them, where a manifest counts them all."""
    inserted = scene.shop.plan.stack.tables.get(table.qualified) == "insert-only"
    told_apart = inserted and any(column.name == "op_id" for column in table.columns)
    return sql.SQL("op_id IS NULL") if told_apart and scene.backup_of("database") is None else sql.SQL("true")


def emptied_by_a_crash(scene: Scene, table: Table, rows: int) -> bool:
    """Whether a table is empty because it is unlogged: the database crashed, and no backup has filled it again."""
    crashed = scene.stage != "gate" and "database" in scene.shop.plan.damaged
    return table.unlogged and not rows and crashed and "database" not in scene.restored


EXTENSION = RowCounts
