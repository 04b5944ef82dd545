"""Loads the shop's tables into PostgreSQL."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from typing import Any, Final

import psycopg
from psycopg import sql

from blackstart.errors import NotConducted
from blackstart.seeding.files import UploadRow
from blackstart.seeding.meter import Meter
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.tables import Table, tables

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]

WORKERS: Final = min(4, max(2, os.cpu_count() or 1))
CHUNK: Final = 8_000


def load(
    connect: Connect,
    recipe: Recipe,
    *,
    tables_sql: str,
    constraints_sql: str,
    uploads: Sequence[UploadRow],
    say: Callable[[str], None],
    workers: int = WORKERS,
    chunk: int = CHUNK,
) -> Mapping[str, int]:
    """Create and fill the shop; return the number of rows by qualified table name.

    `tables_sql` runs before the rows, `constraints_sql` after them. Several connections (in autocommit mode)
    load tables side by side, a table each, whole or not at all, `chunk` of its sources at a time; their number
    does not change a row. They share no transaction: after an error (psycopg.Error passes through) some tables
    are full and none has a key, so the database is of no use, and whoever made it drops it.
    """
    loaded = tables(uploads)
    with connect() as connection:
        connection.execute(tables_sql.encode())
        counts = _fill(connect, recipe, loaded, say, workers=workers, chunk=chunk)
        say(f"seeding: keys and indexes over {sum(counts.values()):,} rows")
        with connection.transaction():
            connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
            connection.execute(constraints_sql.encode())
        # By name: without one, ANALYZE also walks the catalogues, which takes longer than a small shop.
        connection.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(_identifier, loaded))))
    return counts


def _fill(
    connect: Connect, recipe: Recipe, loaded: Sequence[Table], say: Callable[[str], None], *, workers: int, chunk: int
) -> dict[str, int]:
    """Load all tables, the longest first, so that no connection has one left when the others are done."""
    expected = {table: round(table.sources(recipe.scale) * table.rows_each) for table in loaded}
    meter, stop = Meter(say, "rows", sum(expected.values()), estimated=True), threading.Event()
    with ThreadPoolExecutor(workers, thread_name_prefix="seed") as pool:
        order = sorted(loaded, key=lambda table: -expected[table])
        tasks = {pool.submit(_copy, connect, recipe, table, meter, stop, chunk): table for table in order}
        try:
            counts = {tasks[task].qualified: task.result() for task in as_completed(tasks)}
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {table.qualified: counts[table.qualified] for table in loaded}


def _copy(connect: Connect, recipe: Recipe, table: Table, meter: Meter, stop: threading.Event, chunk: int) -> int:
    """Stream one table's rows in; return how many the server says it took."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    end = table.sources(recipe.scale) + 1
    with connect() as connection, connection.transaction(), connection.cursor() as cursor:
        # Rows of a table that the same transaction has emptied may be written frozen: whoever reads
        # them first need not mark them as committed, which would write every page again.
        cursor.execute(sql.SQL("TRUNCATE {}").format(_identifier(table)))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN WITH (FREEZE)").format(_identifier(table), columns)) as copy:
            for first in range(1, end, chunk):
                if stop.is_set():
                    raise NotConducted("the seeding was given up")
                text = table.text(recipe, first, min(first + chunk, end))
                copy.write(text)
                meter.add(text.count(b"\n"))
        rows = cursor.rowcount
        _advance_identities(cursor, table)
    return rows


def _advance_identities(cursor: psycopg.Cursor[Any], table: Table) -> None:
    """Let the next id follow the highest one loaded; a table without rows keeps its start."""
    cursor.execute(
        "SELECT attname, pg_get_serial_sequence(attrelid::regclass::text, attname) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attidentity <> '' AND NOT attisdropped",
        (table.qualified,),
    )
    for column, sequence in cursor.fetchall():
        statement = sql.SQL("SELECT setval({}::regclass, max({})) FROM {}")
        cursor.execute(statement.format(sql.Literal(sequence), sql.Identifier(column), _identifier(table)))


def _identifier(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)
