"""Loads the shop's tables into PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow, tuple_row

from blackstart.seeding.files import UploadRow
from blackstart.seeding.scale import Scale
from blackstart.seeding.tables import Table, tables
from blackstart.seeding.vocabulary import Vocabulary


def load(
    connection: psycopg.Connection[Any],
    scale: Scale,
    seed: int,
    *,
    tables_sql: str,
    constraints_sql: str,
    uploads: Sequence[UploadRow],
) -> Mapping[str, int]:
    """Create and fill the shop in one transaction; return the number of rows by qualified table name.

    `tables_sql` runs before the rows, `constraints_sql` after them. It is all there or, after an error,
    none of it: psycopg.Error passes through. A transaction that is open already stays the caller's.
    """
    vocabulary = Vocabulary.make(seed)
    loaded = tables(uploads)
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(tables_sql.encode())
        counts = {table.qualified: _copy(cursor, table, scale, seed, vocabulary) for table in loaded}
        for table in loaded:
            _advance_identities(cursor, table)
        cursor.execute(constraints_sql.encode())
        # By name: without one, ANALYZE also walks the catalogues, which takes longer than the shop.
        names = sql.SQL(", ").join(_identifier(table) for table in loaded)
        cursor.execute(sql.SQL("ANALYZE {}").format(names))
    return counts


def _copy(cursor: psycopg.Cursor[TupleRow], table: Table, scale: Scale, seed: int, vocabulary: Vocabulary) -> int:
    """Stream one table's rows in; return how many the server says it took."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(_identifier(table), columns)) as copy:
        for row in table.rows(scale, seed, vocabulary):
            copy.write_row(row)
    return cursor.rowcount


def _advance_identities(cursor: psycopg.Cursor[TupleRow], table: Table) -> None:
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
