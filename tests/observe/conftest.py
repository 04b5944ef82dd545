"""A shop of which only the database server runs, shared by a module, and a fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from blackstart import folder, planning
from blackstart.backups import BackupStore
from blackstart.child import Children
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.shop import Shop
from blackstart.state import StateFolder

ROOT = Path(__file__).parents[2]


class Connects(Protocol):
    """A superuser's connections, as `Shop.database` makes them; the test's own database is `shop`."""

    def __call__(self, name: str = "shop", *, autocommit: bool = True) -> Any:
        """A context manager of a connection."""
        ...


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """PostgreSQL alone, its superuser `shop`; removed when the module's tests are over."""
    home = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        yield from _server(home)


def _server(home: Path) -> Iterator[Shop]:
    scenario = str(ROOT / "scenarios" / "no-fault.yaml")
    plan, kind = planning.plan_run(scenario, planning.Options(engine="embedded", seed=5), Clock())
    path = folder.create(home / "reports", plan)
    state = StateFolder.create(plan.run_id)
    engine = kind.open(plan, state, Children(state, path / "logs"), Secrets.generate())
    shop = Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=BackupStore(state.work / "backups"))
    try:
        engine.create_volume(shop.volume("database"))
        engine.start(shop.service("database"))
        _hurry(shop)
        yield shop
    finally:
        left = engine.close()
        state.remove()
        assert left == []


def _hurry(shop: Shop) -> None:
    """Nothing here has to survive a power failure."""
    data = shop.engine.folder_of(shop.volume("database"))
    assert data is not None
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\nfull_page_writes = off\n")
    with shop.database() as connection:
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def database(server: Shop) -> Connects:
    """A fresh, empty database `shop` made from template0."""
    with server.database("postgres") as admin:
        renew(admin)
    return server.database


def renew(admin: psycopg.Connection[Any]) -> None:
    """`shop` as a new database, whatever it was."""
    admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
    admin.execute("CREATE DATABASE shop TEMPLATE template0")
