"""`update-rows`: an UPDATE without its WHERE: every row has the value that was meant for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from psycopg import sql

from blackstart.families import Family
from blackstart.faults.on_table import OnTable, utc
from blackstart.shop import Shop

_LOOK = """
SELECT count(*), count(DISTINCT {column}::text), min({column}::text), count({column}), clock_timestamp() FROM {table}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column holds at a moment."""

    rows: int
    values: int
    """How many different ones."""
    one: str
    """The first of them."""
    empty: int
    """Rows in which it is NULL."""
    at: datetime
    """By the server's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRows(OnTable):
    """One committed statement sets a column to the same value in every row of the table.

    Nothing fails: customers go on reading it, and buy at one price.
    """

    NAME: ClassVar[str] = "update-rows"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["update-rows"] = "update-rows"
    column: str
    value: int | float | str

    def prepare(self, shop: Shop) -> Column:
        """What the column holds; RuntimeError if that is one value already: then nobody could see a difference."""
        before = self._look(shop)
        if before.values < 2:
            raise RuntimeError(f"{self.table} has {before.values} values of {self.column}, too few for any to be lost")
        return before

    def inject(self, shop: Shop, prepared: Column) -> None:
        """Update all rows."""
        statement = sql.SQL("UPDATE {} SET {} = {}")
        with shop.database() as connection:
            connection.execute(
                statement.format(self.identifier(), sql.Identifier(self.column), sql.Literal(self.value))
            )

    def witness(self, shop: Shop, prepared: Column) -> str | None:
        """A fresh connection reads one and the same value in every row; it says when, in UTC, by the server's clock."""
        now = self._look(shop)
        if now.values != 1 or now.empty or not now.rows:
            return None
        return (
            f"{self.table}: at {utc(now.at)} all {now.rows} rows have the same {self.column}, {now.one};"
            f" at {utc(prepared.at)} it had {prepared.values} values in {prepared.rows} rows"
        )

    def _look(self, shop: Shop) -> Column:
        query = sql.SQL(_LOOK).format(column=sql.Identifier(self.column), table=self.identifier())
        with shop.database() as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return Column(rows=row[0], values=row[1], one=str(row[2]), empty=row[0] - row[3], at=row[4])


EXTENSION = UpdateRows
