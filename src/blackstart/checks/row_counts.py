"""`row-counts`: every table is there, none is extra, and each has its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from psycopg import sql

from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, Stage
from blackstart.observe import tables


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
                query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(found[name].source(), unwritten(scene, name))
                row = connection.execute(query).fetchone()
                yield observation(RowCounts, scene, name, expected=expected[name].rows, actual=row[0] if row else None)


def unwritten(scene: Scene, table: str) -> sql.Composable:
    """The rows of a table that no customer added: all of them, where a manifest counts them all."""
    inserted = scene.shop.plan.stack.tables.get(table) == "insert-only"
    return sql.SQL("op_id IS NULL") if inserted and scene.backup_of("database") is None else sql.SQL("true")


EXTENSION = RowCounts
