"""`second-database`: two database servers on one data volume, as after a failover that did not fence the old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import psycopg

from blackstart.engines.beside import RunsSecondDatabase
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack

ORDERS_OF_EACH = 5
"""So many must be invisible to the other server: then it is no moment's delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondDatabase(Fault):
    """A second container of the database starts on the same volume, and a second storefront beside it.

    Half of the customers are served by each. In namespaces of its own the second server takes the first one's
    lock file for one that was left behind; both acknowledge orders, and neither sees what the other one does.
    """

    NAME: ClassVar[str] = "second-database"
    FAMILY: ClassVar[Family] = "writers"

    kind: Literal["second-database"] = "second-database"

    @property
    def needs(self) -> type:
        """A server that does not see the first one, and a storefront that uses it."""
        return RunsSecondDatabase

    @property
    def target(self) -> str:
        """Whose files have two masters."""
        return "the database's volume"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The database."""
        return ("database",)

    def ruins(self, stack: Stack) -> tuple[Role, ...]:
        """No server can go on with files that two have written."""
        return ("database",)

    def adds(self, stack: Stack) -> tuple[str, ...]:
        """A second database and a second storefront."""
        return (_second(stack, "database"), _second(stack, "app"))

    def names(self, prepared: None) -> str:
        """Whoever finds it must say that an acknowledged order is gone."""
        return "acknowledged and lost"

    def prepare(self, shop: Shop) -> None:
        """Nothing: what both know from before is no loss of either."""

    def inject(self, shop: Shop, prepared: None) -> None:
        """Start both, and send customers to both."""
        engine, (database, app) = _engine(shop), self.adds(shop.plan.stack)
        address = engine.begin_second_database(database)
        engine.begin_second_app(app, {"DATABASE_ADDRESS": address, "SERVED_BY": database})
        shop.seconds.append(app)

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """Each server has orders, committed and read over a fresh connection, that the other one does not show."""
        first, second = shop.service("database"), _second(shop.plan.stack, "database")
        if shop.engine.incarnation(second) is None:
            return None
        try:
            before, others, after = (_orders(shop, server) for server in (first, second, first))
        except psycopg.OperationalError:
            return None
        own, only_there = len(before - others), len(others - after)
        if min(own, only_there) < ORDERS_OF_EACH:
            return None
        return f"{own} orders of {first} are not to be seen at {second}, and {only_there} of {second} not at {first}"

    def heal(self, shop: Shop, prepared: None) -> None:
        """Both seconds go; the files are not mended by that."""
        engine, (database, app) = _engine(shop), self.adds(shop.plan.stack)
        if app in shop.seconds:
            shop.seconds.remove(app)
        engine.end_beside(app)
        engine.end_beside(database)


def _orders(shop: Shop, server: str) -> set[str]:
    with shop.database(server=server) as connection:
        rows = connection.execute("SELECT op_id FROM orders WHERE op_id IS NOT NULL").fetchall()
    return {str(row[0]) for row in rows}


def _second(stack: Stack, role: Role) -> str:
    return f"{stack.roles[role].service}-2"


def _engine(shop: Shop) -> RunsSecondDatabase:
    engine = shop.engine
    assert isinstance(engine, RunsSecondDatabase)
    return engine


EXTENSION = SecondDatabase
