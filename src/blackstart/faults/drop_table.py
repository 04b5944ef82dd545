"""`drop-table`: a DROP TABLE in the wrong terminal, or a migration that went too far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import psycopg
from psycopg import sql

from blackstart.families import Family
from blackstart.faults.on_table import OnTable
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTable(OnTable):
    """The table goes with all that depends on it (CASCADE), in one committed statement.

    A table that no customer's request touches is missed by nobody: the shop goes on selling.
    """

    NAME: ClassVar[str] = "drop-table"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["drop-table"] = "drop-table"

    def prepare(self, shop: Shop) -> int:
        """How many rows can be read of it now; RuntimeError if there is none: then nobody would lose anything."""
        rows = self._rows(shop)
        if not rows:
            raise RuntimeError(f"{self.table} has no row to be lost")
        return rows

    def inject(self, shop: Shop, prepared: int) -> None:
        """Drop it."""
        with shop.database() as connection:
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(self.identifier()))

    def witness(self, shop: Shop, prepared: int) -> str | None:
        """A fresh connection cannot read its rows any more."""
        if self._rows(shop) is not None:
            return None
        return f"{self.table}: a fresh connection finds no such table; {prepared} rows were read before"

    def _rows(self, shop: Shop) -> int | None:
        with shop.database() as connection:
            try:
                row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(self.identifier())).fetchone()
            except psycopg.errors.UndefinedTable:
                return None
        return int(row[0]) if row else None


EXTENSION = DropTable
