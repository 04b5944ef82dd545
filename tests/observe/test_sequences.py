"""Which columns a sequence feeds, how far they have come, and what a crash does to all of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.observe.conftest import Connects
from tests.observe.healthy import Healthy, make

from blackstart.clock import Clock
from blackstart.engines.base import KillsProcess
from blackstart.evidence import SequenceState
from blackstart.observe import sequences
from blackstart.procedures.pg_dump import PgDump
from blackstart.shop import Shop


@pytest.fixture(scope="module")
def healthy(server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    """One healthy restored database, of a shop with the zoo."""
    made = make(server, tmp_path_factory.mktemp("healthy"))
    yield made
    made.ledger.close()


def state(database: Connects, name: str, *statements: str) -> SequenceState:
    """A sequence after some statements."""
    with database() as connection:
        for statement in statements:
            connection.execute(statement.encode())
        return sequences.read(connection)[name]


def test_an_identity_is_fed(database: Connects) -> None:
    """Its next value is beyond its last one, which was handed out."""
    table = "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY (INCREMENT 5), n text)"
    found = state(database, "public.t_id_seq", table, "INSERT INTO t (n) VALUES ('a'), ('b')")

    assert found == SequenceState(
        last=6,
        called=True,
        increment=5,
        cycles=False,
        columns=("public.t.id",),
        extreme=6,
        minimum=1,
        maximum=2147483647,
    )
    assert 11 == found.next


def test_a_sequence_that_was_never_asked_hands_out_its_start(database: Connects) -> None:
    """Not what comes after it."""
    assert 40 == state(database, "public.s", "CREATE SEQUENCE s START 40").next


@pytest.mark.parametrize(
    ("options", "value", "called", "used_up"),
    [
        ("MAXVALUE 9", 9, True, True),
        ("MAXVALUE 9", 9, False, False),
        ("MAXVALUE 9", 8, True, False),
        ("MAXVALUE 9 INCREMENT 5", 6, True, True),
        ("MAXVALUE 9 CYCLE", 9, True, False),
        ("INCREMENT -1 MINVALUE -9", -9, True, True),
        ("INCREMENT -1 MINVALUE -9", -8, True, False),
    ],
)
def test_a_sequence_may_be_used_up(options: str, value: int, called: bool, used_up: bool, database: Connects) -> None:
    """Its next value would be beyond its bounds, and it does not begin anew."""
    setting = f"SELECT setval('s', {value}, {called})"

    assert used_up == state(database, "public.s", f"CREATE SEQUENCE s {options}", setting).used_up


def test_a_state_without_bounds_is_not_used_up() -> None:
    """Older manifests have none."""
    assert not SequenceState(last=9, called=True, increment=1, cycles=False).used_up


@pytest.mark.parametrize(
    ("column", "fed"),
    [
        ("id bigint DEFAULT nextval('s')", True),
        ("id integer DEFAULT nextval('s')", True),
        ("id numeric DEFAULT nextval('s')", True),
        ("id bigint DEFAULT nextval('s') * 10", False),
        ("id text DEFAULT 'order ' || nextval('s')", False),
    ],
)
def test_a_default_is_fed_if_it_is_the_next_value(column: str, fed: bool, database: Connects) -> None:
    """What is made of the next value cannot be compared with it."""
    found = state(
        database, "public.s", "CREATE SEQUENCE s", f"CREATE TABLE t ({column})", "INSERT INTO t DEFAULT VALUES"
    )

    assert (("public.t.id",) if fed else ()) == found.columns


def test_a_column_that_owns_a_sequence_without_a_default_is_fed(database: Connects) -> None:
    """The application asks for the value itself."""
    statements = ("CREATE TABLE t (id bigint)", "CREATE SEQUENCE s OWNED BY t.id", "INSERT INTO t VALUES (7)")

    assert 7 == state(database, "public.s", *statements).extreme


def test_one_sequence_may_feed_many_tables(database: Connects) -> None:
    """It has to be beyond all of them."""
    found = state(
        database,
        'public."Odd (s)"',
        'CREATE SEQUENCE "Odd (s)"',
        """CREATE TABLE a (id bigint DEFAULT nextval('"Odd (s)"'))""",
        """CREATE TABLE b (id bigint DEFAULT nextval('"Odd (s)"'))""",
        "INSERT INTO a VALUES (3)",
        "INSERT INTO b VALUES (9)",
    )

    assert (("public.a.id", "public.b.id"), 9) == (found.columns, found.extreme)


def test_an_inheriting_table_with_a_sequence_of_its_own_counts_for_itself(database: Connects) -> None:
    """Its rows are found when its parent is asked, and were never handed out by the parent's sequence."""
    found = state(
        database,
        "public.parent_id_seq",
        "CREATE TABLE parent (id serial)",
        "CREATE TABLE child (id integer DEFAULT NULL) INHERITS (parent)",
        "INSERT INTO parent VALUES (2)",
        "INSERT INTO child VALUES (1000)",
    )

    assert 2 == found.extreme


def test_a_manifest_is_never_ahead_of_its_dump(
    healthy: Healthy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Customers go on ordering while a backup is made, and no snapshot holds a sequence still."""
    healthy.renew()
    dump = PgDump.dump

    def and_then_an_order(made: PgDump, shop: Shop, path: Path, snapshot: str) -> None:
        dump(made, shop, path, snapshot)
        with shop.database() as connection:
            connection.execute("SELECT nextval('orders_order_id_seq')")

    with healthy.shop.database() as connection:
        before = sequences.read(connection)["public.orders_order_id_seq"]
    monkeypatch.setattr(PgDump, "dump", and_then_an_order)
    manifest = PgDump().backup(healthy.shop, "database", tmp_path, Clock(), 1)

    assert manifest.database is not None
    assert before == manifest.database.sequences["public.orders_order_id_seq"]


def test_a_crash_changes_nothing_that_matters(healthy: Healthy) -> None:
    """Sequences come back ahead, or where they began if they are not in the log; definitions come back."""
    healthy.renew()
    engine, service = healthy.shop.engine, healthy.shop.service("database")
    assert isinstance(engine, KillsProcess)
    with healthy.shop.database() as connection:
        connection.execute("CHECKPOINT")
        connection.execute("SELECT nextval('orders_order_id_seq')")
        asked = sequences.read(connection)
    engine.kill_process(service)
    engine.start(service)
    with healthy.shop.database() as connection:
        recovered = sequences.read(connection)

    assert [] == healthy.red("catalog", "sequences")
    assert asked["public.orders_order_id_seq"].next < recovered["public.orders_order_id_seq"].next
    assert recovered["zoo.scratch_id_seq"].next < asked["zoo.scratch_id_seq"].next
