"""`delete-rows`: a DELETE without its WHERE: the table is there, and empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from psycopg import sql

from blackstart.families import Family
from blackstart.faults.on_table import OnTable, utc
from blackstart.shop import Shop

# Rows of transactions that are newer than the look are not what was there before.
_LOOK = "SELECT count(*), clock_timestamp() FROM {} WHERE age(xmin) >= age({}::text::xid)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a table held at a moment."""

    rows: int
    newest: int
    """Every row was written by an earlier transaction than this one."""
    at: datetime
    """By the server's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRows(OnTable):
    """One committed statement deletes every row of the table; customers may go on adding rows to it."""

    NAME: ClassVar[str] = "delete-rows"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["delete-rows"] = "delete-rows"

    def prepare(self, shop: Shop) -> Rows:
        """How many rows there are; RuntimeError if there is none: then nobody would lose anything."""
        with shop.database() as connection:
            row = connection.execute("SELECT pg_current_xact_id()::xid::text::int8").fetchone()
        assert row is not None
        rows, at = self._look(shop, row[0])
        if not rows:
            raise RuntimeError(f"{self.table} has no row to be lost")
        return Rows(rows=rows, newest=row[0], at=at)

    def inject(self, shop: Shop, prepared: Rows) -> None:
        """Delete all rows."""
        with shop.database() as connection:
            connection.execute(sql.SQL("DELETE FROM {}").format(self.identifier()))

    def witness(self, shop: Shop, prepared: Rows) -> str | None:
        """A fresh connection finds none of the rows that were there; it says when, in UTC, by the server's clock."""
        rows, at = self._look(shop, prepared.newest)
        if rows:
            return None
        return (
            f"{self.table}: at {utc(at)} a fresh connection finds none of the rows"
            f" that were there at {utc(prepared.at)}, which were {prepared.rows}"
        )

    def _look(self, shop: Shop, newest: int) -> tuple[int, datetime]:
        with shop.database() as connection:
            row = connection.execute(sql.SQL(_LOOK).format(self.identifier(), sql.Literal(newest))).fetchone()
        assert row is not None
        return int(row[0]), row[1]


EXTENSION = DeleteRows
