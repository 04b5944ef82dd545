"""`disable-triggers`: a `pg_restore --disable-triggers` broke off: foreign keys stand there, and nobody checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import psycopg
from psycopg import sql

from blackstart.families import Family
from blackstart.faults.on_table import OnTable
from blackstart.shop import Shop

_FOREIGN_KEYS = """
SELECT k.conname, a.attname, k.convalidated FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND k.conrelid = {}::regclass AND cardinality(k.conkey) = 1
  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
ORDER BY k.conname LIMIT 1"""
_STRAY = "UPDATE {table} SET {column} = -{column} - 1 WHERE ctid = (SELECT min(ctid) FROM {table})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """One that the table has, and that was enforced before."""

    name: str
    column: str
    validated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableTriggers(OnTable):
    """ALTER TABLE … DISABLE TRIGGER ALL, as a load does first, without the ENABLE that it does last.

    The triggers that enforce foreign keys are among them. The constraints go on saying that they are validated, so
    who looks at them sees nothing, until a row refers to one that there is not.
    """

    NAME: ClassVar[str] = "disable-triggers"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["disable-triggers"] = "disable-triggers"

    def prepare(self, shop: Shop) -> ForeignKey:
        """A foreign key that turns a stray reference away; RuntimeError if there is none: then nothing would change."""
        with shop.database() as connection:
            row = connection.execute(sql.SQL(_FOREIGN_KEYS).format(sql.Literal(self.table))).fetchone()
        if row is None:
            raise RuntimeError(f"{self.table} has no foreign key of one whole number")
        found = ForeignKey(name=row[0], column=row[1], validated=row[2])
        if self._takes_a_stray(shop, found):
            raise RuntimeError(f"{found.name} of {self.table} is not enforced even before")
        return found

    def inject(self, shop: Shop, prepared: ForeignKey) -> None:
        """Disable them."""
        with shop.database() as connection:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(self.identifier()))

    def witness(self, shop: Shop, prepared: ForeignKey) -> str | None:
        """A reference to a row that there is not is taken; it was refused before. The attempt is rolled back."""
        if not self._takes_a_stray(shop, prepared):
            return None
        word = "is" if prepared.validated else "is not"
        return (
            f"{self.table}: a row may refer by {prepared.column} to what is not there, which was refused before;"
            f" {prepared.name} says that it {word} validated"
        )

    def _takes_a_stray(self, shop: Shop, key: ForeignKey) -> bool:
        stray = sql.SQL(_STRAY).format(table=self.identifier(), column=sql.Identifier(key.column))
        with shop.database(autocommit=False) as connection:
            try:
                taken = connection.execute(stray).rowcount == 1
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except psycopg.errors.ForeignKeyViolation:
                taken = False
            connection.rollback()
        return taken


EXTENSION = DisableTriggers
