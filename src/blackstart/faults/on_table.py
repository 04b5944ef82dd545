"""What faults have in common that strike one table of the database by SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import sql

from blackstart.engines.base import Executes
from blackstart.scenario import Fault
from blackstart.stack import Role, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTable(Fault):
    """A table is harmed, and whoever finds that must name it."""

    table: str
    """With its schema: `public.reviews`."""

    @property
    def needs(self) -> type:
        """Nothing special: SQL."""
        return Executes

    @property
    def target(self) -> str:
        """The table."""
        return self.table

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The database."""
        return ("database",)

    def names(self, prepared: object) -> str:
        """The table."""
        return self.table

    def identifier(self) -> sql.Identifier:
        """The table as SQL writes it."""
        return sql.Identifier(*self.table.split(".", 1))


def utc(moment: datetime) -> str:
    """A moment as the report writes it, to the microsecond: what a restore to just before it is asked for."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
