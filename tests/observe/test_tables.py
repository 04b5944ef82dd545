"""Which tables are read, and what their fingerprints do not depend on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.observe.conftest import Connects

from blackstart.evidence import TableFingerprint
from blackstart.observe import fingerprints, tables
from blackstart.selftest.bench import ZOO


@pytest.fixture
def zoo(database: Connects) -> Connects:
    """The zoo of types in a database of its own."""
    with database() as connection:
        connection.execute("CREATE TABLE orders (order_id integer)")
        connection.execute((ZOO / "types.sql").read_bytes())
    return database


def sums(connection: psycopg.Connection[Any]) -> dict[str, TableFingerprint]:
    """Everything that has rows."""
    there = [*tables.tables(connection), *tables.views(connection), tables.large_objects()]
    return {table.qualified: fingerprints.plain(connection, table) for table in there}


def test_every_table_of_its_own(zoo: Connects) -> None:
    """Partitions and inheritors, but not what they are parts of; no temporary, no foreign and no unfilled ones."""
    with zoo() as connection:
        connection.execute("CREATE TEMP TABLE passing (id integer)")
        connection.execute("CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw")
        connection.execute("CREATE FOREIGN TABLE elsewhere (id integer) SERVER files OPTIONS (filename '/dev/null')")
        found = sums(connection)

    assert {"shapes.parted", "shapes.parted_south", "public.elsewhere", "shapes.unfilled"} & found.keys() == set()
    assert not [name for name in found if "passing" in name]
    assert [20, 20, 20] == [found[name].rows for name in ("shapes.parent", "shapes.child", "shapes.parted_north")]
    assert [3, 0, 5] == [found[name].rows for name in ("shapes.no_columns", "shapes.empty", "large objects")]


def test_no_two_tables_share_a_name(zoo: Connects) -> None:
    """A dot in a name is not the dot between schema and table."""
    with zoo() as connection:
        found = sums(connection)

    assert '"shapes.odd"."table"' in found
    assert 'shapes."odd.table"' in found


@pytest.mark.parametrize(
    ("table", "key", "readable"),
    [
        ("shapes.scalars", ("id",), True),
        ("shapes.by_pair", ("a", "b"), True),
        ("shapes.by_uuid", ("id",), True),
        ("shapes.by_text", ("code",), False),
        ("shapes.unique_only", ("place",), True),
        ("shapes.child", (), False),
        ('shapes."no key"', (), False),
    ],
)
def test_the_key(table: str, key: tuple[str, ...], readable: bool, zoo: Connects) -> None:
    """The primary key; else a unique index over columns that are never NULL, without what it merely includes."""
    with zoo() as connection:
        found = sums(connection)[table]

    assert (key, readable) == (found.key, found.readable_key)


SETTINGS = {
    "DateStyle": "'SQL, DMY'",
    "IntervalStyle": "iso_8601",
    "TimeZone": "'Asia/Kathmandu'",
    "extra_float_digits": "-10",
    "bytea_output": "escape",
    "xmlbinary": "hex",
    "lc_monetary": "'C.UTF-8'",
    "search_path": "shapes, public",
    "quote_all_identifiers": "on",
    "standard_conforming_strings": "off",
    "client_encoding": "LATIN1",
    "max_parallel_workers_per_gather": "0",
    "jit_above_cost": "0",
    "statement_timeout": "1",
    "default_transaction_isolation": "serializable",
}


@pytest.mark.parametrize("whose", ["DATABASE shop", "ROLE shop", "ROLE shop IN DATABASE shop"])
def test_settings_of_others_move_nothing(whose: str, zoo: Connects) -> None:
    """What a database or a role sets for itself changes neither a sum nor a name."""
    with zoo() as connection:
        before = sums(connection)
    with zoo("postgres") as admin:
        for name, value in SETTINGS.items():
            admin.execute(f"ALTER {whose} SET {name} = {value}".encode())
    try:
        with zoo() as connection:
            after = sums(connection)
    finally:
        with zoo("postgres") as admin:
            admin.execute(f"ALTER {whose} RESET ALL".encode())

    assert before == after


def test_neither_order_nor_collation_moves_anything(zoo: Connects) -> None:
    """The same rows in another order, in a database with another locale and another provider of it."""
    with zoo("postgres") as admin:
        admin.execute("DROP DATABASE IF EXISTS other")
        admin.execute(
            "CREATE DATABASE other TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
    with zoo() as one, zoo("other") as two:
        two.execute("CREATE TABLE orders (order_id integer); CREATE SCHEMA shapes")
        for name in ("by_text", "unique_only", "toasted"):
            two.execute(f"CREATE TABLE shapes.{name} (LIKE pg_class)".encode())
            two.execute(f"DROP TABLE shapes.{name}".encode())
        two.execute((ZOO / "types.sql").read_bytes().replace(b"CREATE SCHEMA shapes;", b""))
        for name in ("by_text", "unique_only", "toasted"):
            two.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM shapes.{name}".encode())
            two.execute(f"DELETE FROM shapes.{name}".encode())
            two.execute(f"INSERT INTO shapes.{name} SELECT * FROM kept ORDER BY 1 DESC".encode())
            two.execute("DROP TABLE kept")
        first, second = sums(one), sums(two)
    with zoo("postgres") as admin:
        admin.execute("DROP DATABASE other")

    assert first == second


@pytest.fixture
def big(database: Connects) -> Iterator[psycopg.Connection[Any]]:
    """A table that is large enough for several workers, in a transaction with one snapshot."""
    with database() as connection:
        connection.execute("CREATE TABLE big (id bigint PRIMARY KEY, name text, amount numeric)")
        connection.execute("INSERT INTO big SELECT n, repeat('x', 100), n FROM generate_series(1, 150000) n")
        connection.execute("ANALYZE big")
    with database(autocommit=False) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def test_large_tables_are_read_by_several_workers(big: psycopg.Connection[Any]) -> None:
    """Plain sums and buckets alike, and each row's wire form is made once for both hashes."""
    queries: list[Any] = []

    class Recording:
        """Remembers what it executes."""

        def execute(self, query: Any) -> Any:
            queries.append(query)
            return big.execute(query)

    recording: Any = Recording()
    (table,) = tables.tables(big)
    fingerprints.plain(recording, table)
    fingerprints.with_buckets(recording, table)
    fingerprints.light_buckets(recording, table, 4096)
    for query in (query for query in queries if "record_send" in query.as_string(big)):
        plan = [row[0] for row in big.execute(b"EXPLAIN (ANALYZE, VERBOSE, COSTS OFF) " + query.as_bytes(big))]
        (launched,) = (int(line.partition(": ")[2]) for line in plan if "Workers Launched" in line)

        assert launched > 0
        if "hash_record_extended(r, 1)" in query.as_string(big):
            scan = next(number for number, line in enumerate(plan) if "Parallel Seq Scan" in line)

            assert plan[scan + 1].count("record_send") == 1


def test_all_is_read_in_one_snapshot(big: psycopg.Connection[Any], database: Connects) -> None:
    """What somebody commits meanwhile is not seen, by none of the workers."""
    (table,) = tables.tables(big)
    before = fingerprints.plain(big, table)
    with database() as other:
        other.execute("UPDATE big SET name = 'changed' WHERE id % 10 = 0")

    assert before == fingerprints.plain(big, table)
    assert before.sums == fingerprints.with_buckets(big, table).sums
