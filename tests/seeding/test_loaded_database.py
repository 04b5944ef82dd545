"""Rows arrive in a real PostgreSQL as they were made, however many connections bring them."""

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.seeding.conftest import Records

from blackstart import planning, stacks
from blackstart.backups import BackupStore
from blackstart.child import Children
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.evidence import DatabaseFingerprint
from blackstart.observe import database as observe_database
from blackstart.seeding import database
from blackstart.seeding.database import Connect
from blackstart.seeding.files import SeedFile, UploadRow
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.vocabulary import Vocabulary
from blackstart.shop import Shop
from blackstart.state import StateFolder

SCHEMA = stacks.folder("ecommerce") / "schema"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "no-fault.yaml"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server whose databases are each used once."""

    shop: Shop
    names: Iterator[str]

    def fresh(self) -> Connect:
        """What connects to a new database."""
        name = next(self.names)
        with self.shop.database("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return partial(self.shop.database, name)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded engine's, without the rest of the shop."""
    home = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        plan, kind = planning.plan_run(str(SCENARIO), planning.Options(engine="embedded"), Clock())
        state = StateFolder.create(plan.run_id)
        engine = kind.open(plan, state, Children(state, home), Secrets.generate())
        try:
            engine.start("database")
            names = (f"shop{number}" for number in itertools.count())
            yield Server(
                shop=Shop(
                    plan=plan, engine=engine, secrets=engine.secrets, backups=BackupStore(state.work / "backups")
                ),
                names=names,
            )
        finally:
            left = engine.close()
            state.remove()
            assert left == []


@pytest.fixture(scope="module")
def uploads(seeded_files: list[SeedFile]) -> list[UploadRow]:
    return [UploadRow.of(file) for file in seeded_files]


def loaded(connect: Connect, recipe: Recipe, uploads: list[UploadRow], **more: Any) -> DatabaseFingerprint:
    """Load, and fingerprint what the server then has."""
    counts = database.load(
        connect,
        recipe,
        tables_sql=(SCHEMA / "tables.sql").read_text(),
        constraints_sql=(SCHEMA / "constraints.sql").read_text(),
        uploads=uploads,
        **{"say": lambda _: None, **more},
    )
    with connect() as connection:
        found = observe_database.fingerprint(connection)
    assert counts == {name: table.rows for name, table in found.tables.items()}
    return found


def test_connections_and_chunks_do_not_matter(server: Server, recipe: Recipe, uploads: list[UploadRow]) -> None:
    """One connection with small chunks and four with large ones leave equal rows in every table."""
    one = loaded(server.fresh(), recipe, uploads, workers=1, chunk=333)
    four = loaded(server.fresh(), recipe, uploads, workers=4, chunk=50_000)
    other = loaded(server.fresh(), replace(recipe, seed=43), uploads)

    assert {name: table.sums for name, table in one.tables.items()} == {
        name: table.sums for name, table in four.tables.items()
    }
    assert [name for name in one.tables if one.tables[name].sums == other.tables[name].sums] == []


def test_the_server_reads_what_was_meant(
    server: Server, recipe: Recipe, uploads: list[UploadRow], shop: Records
) -> None:
    """Names, arrays, JSON, bytes, amounts, moments and NULLs come out as the values that went in."""
    connect = server.fresh()
    found = loaded(connect, recipe, uploads)
    with connect() as connection:
        for table in found.tables.keys() - {"crm.page_views"}:  # rows without a key have no order to compare them in
            cursor = connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2".encode())
            names = [column.name for column in cursor.description or ()]

            assert [_parsed(row) for row in shop[table]] == [
                dict(zip(names, row, strict=True)) for row in cursor.fetchall()
            ]


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: json.loads(value) if name in ("attributes", "settings") else value for name, value in row.items()}


def test_new_rows_follow_the_seeded_ones(server: Server, recipe: Recipe, uploads: list[UploadRow]) -> None:
    """The next order has the id after the last one."""
    connect = server.fresh()
    loaded(connect, recipe, uploads)
    with connect() as connection:
        row = connection.execute("INSERT INTO orders (customer_id, total) VALUES (1, 0) RETURNING order_id").fetchone()

    assert row == (recipe.scale.orders + 1,)


@pytest.mark.parametrize("locale", ["en_US", "ja_JP"])
def test_one_of_each_is_a_shop(locale: str, server: Server, recipe: Recipe, uploads: list[UploadRow]) -> None:
    """The smallest shop that there can be fulfils every constraint, in any language."""
    scale = replace(recipe.scale, customers=1, products=1, orders=1, reviews=1, page_views=1, files=1)
    tiny = Recipe(scale=scale, seed=1, vocabulary=Vocabulary.make(1, locale))
    found = loaded(server.fresh(), tiny, [replace(uploads[0], product_id=1)])

    assert min(table.rows for table in found.tables.values()) == 1
    assert found.tables["public.order_items"].rows == 1


def test_an_error_ends_the_loading(server: Server, recipe: Recipe, uploads: list[UploadRow]) -> None:
    """A table that takes no rows is the server's error, told at once, and no thread goes on."""
    connect, before = server.fresh(), set(threading.enumerate())
    narrow = (SCHEMA / "tables.sql").read_text().replace("card_token text NOT NULL", "card_token int NOT NULL")
    with pytest.raises(Exception, match="invalid input syntax for type integer"):
        database.load(
            connect, recipe, tables_sql=narrow, constraints_sql="", uploads=uploads, say=lambda _: None, chunk=50
        )

    assert set(threading.enumerate()) == before
    with connect() as connection:
        assert connection.execute("SELECT count(*) FROM payments").fetchone() == (0,)


def test_it_says_how_far_it_is(server: Server, recipe: Recipe, uploads: list[UploadRow]) -> None:
    """Whoever watches is told when the rows are in and keys are built."""
    said = list[str]()
    found = loaded(server.fresh(), recipe, uploads, say=said.append)
    rows = sum(table.rows for table in found.tables.values())

    assert f"seeding: keys and indexes over {rows:,} rows" in said
