"""Fingerprints of tables, made by the server over the exact binary wire form of each row.

`record_send(ROW(c1, c2, …))` gives the bytes that the server would send in binary mode; their
64-bit hash under two seeds, summed, is the fingerprint. The wire form tells 1.0 from 1.00, takes
types without a hash function (json, point), and no DateStyle moves it. It carries each column's
type OID, which differs between databases for types that users made: those are cast to text, and so
are the reg* types, whose values are OIDs themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from blackstart.evidence import Bucket, TableFingerprint

ALGORITHM = "wire-form/1"
_FIRST_USER_OID = 16384
_INTEGERS = {"int2", "int4", "int8"}
_MIN_BUCKETS, _MAX_BUCKETS = 16, 4096

_TABLES = """
SELECT n.nspname, c.relname, c.oid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY 1, 2"""

_COLUMNS = """
SELECT a.attname, t.typname, t.oid >= %(first)s OR t.typelem >= %(first)s OR t.typname ~ '^_?reg',
       coalesce(a.attnum = ANY (i.indkey), false)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = %(table)s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, and how it enters a row's hash."""

    name: str
    type: str
    as_text: bool
    in_key: bool

    def expression(self) -> sql.Composable:
        """The column, cast to text where its type's OID is this database's own."""
        name = sql.Identifier(self.name)
        return sql.SQL("{}::text").format(name) if self.as_text else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table and its columns in order."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def qualified(self) -> str:
        """`schema.table`, as reports and manifests write it."""
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> tuple[Column, ...]:
        """The primary key's columns; empty if there is none."""
        return tuple(c for c in self.columns if c.in_key)

    @property
    def readable_key(self) -> bool:
        """Whether the key consists of integers, so that it can be packed into one number and back."""
        return bool(self.key) and all(c.type in _INTEGERS for c in self.key)

    def identifier(self) -> sql.Composable:
        """Its name, quoted."""
        return sql.Identifier(self.schema, self.name)

    def source(self) -> sql.Composable:
        """ONLY the table itself: inheritors are tables of their own."""
        return sql.SQL("ONLY {}").format(self.identifier())

    def hash(self, seed: int) -> sql.Composable:
        """A row's 64-bit hash."""
        columns = sql.SQL(", ").join(c.expression() for c in self.columns)
        return sql.SQL("hash_record_extended(ROW(record_send(ROW({}))), {})").format(columns, sql.Literal(seed))

    def key_number(self) -> sql.Composable:
        """The key as one number: integers packed 64 bits apiece, anything else by its hash."""
        if not self.key:
            return self.hash(0)
        if not self.readable_key:
            columns = sql.SQL(", ").join(c.expression() for c in self.key)
            return sql.SQL("hash_record_extended(ROW(record_send(ROW({}))), 0)").format(columns)
        first, *rest = (sql.Identifier(c.name) for c in self.key)
        number: sql.Composable = sql.SQL("{}::int8").format(first)
        for column in rest:
            number = sql.SQL("({}::numeric * 18446744073709551616 + {})").format(number, column)
        return number


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """All user tables of all schemas."""
    found = []
    for schema, name, oid in connection.execute(_TABLES).fetchall():
        rows = connection.execute(_COLUMNS, {"table": oid, "first": _FIRST_USER_OID}).fetchall()
        columns = tuple(Column(name=c, type=t, as_text=text, in_key=key) for c, t, text, key in rows)
        found.append(Table(schema=schema, name=name, columns=columns))
    return found


def plain(
    connection: psycopg.Connection[Any], table: Table, *, where: sql.Composable | None = None
) -> TableFingerprint:
    """Count and sums only: what verification needs unless something differs."""
    query = sql.SQL("SELECT count(*), coalesce(sum({}), 0), coalesce(sum({}), 0) FROM {} WHERE {}").format(
        table.hash(0), table.hash(1), table.source(), where or sql.SQL("true")
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return _result(table, rows=row[0], sums=(int(row[1]), int(row[2])), modulus=1, buckets={})


def with_buckets(
    connection: psycopg.Connection[Any],
    table: Table,
    *,
    where: sql.Composable | None = None,
    modulus: int | None = None,
) -> TableFingerprint:
    """Count, sums and buckets; about one bucket for every eight rows unless `modulus` says otherwise."""
    if modulus is None:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table.source())).fetchone()
        modulus = _buckets_for(int(row[0]) if row else 0)
    query = sql.SQL(
        "SELECT bucket, count(*), sum(k), sum(h), sum(h::numeric * k), sum(h1) FROM ("
        " SELECT {key} AS k, {h0} AS h, {h1} AS h1, hash_numeric_extended(({key})::numeric, 0) & {mask} AS bucket"
        " FROM {source} WHERE {where}) AS hashed GROUP BY bucket"
    ).format(
        key=table.key_number(),
        h0=table.hash(0),
        h1=table.hash(1),
        mask=sql.Literal(modulus - 1),
        source=table.source(),
        where=where or sql.SQL("true"),
    )
    rows = connection.execute(query).fetchall()
    buckets = {
        int(number): Bucket(n=n, keys=int(keys), hashes=int(hashes), products=int(products))
        for number, n, keys, hashes, products, _ in rows
    }
    sums = (sum(b.hashes for b in buckets.values()), sum(int(row[5]) for row in rows))
    return _result(table, rows=sum(b.n for b in buckets.values()), sums=sums, modulus=modulus, buckets=buckets)


def describe_key(fingerprint: TableFingerprint, key: int) -> str:
    """A packed key as people look it up: `order_id = 17, line_no = 2`."""
    values: list[int] = []
    for _ in fingerprint.key:
        values.append(key % 2**64 if len(values) < len(fingerprint.key) - 1 else key)
        key //= 2**64
    return ", ".join(f"{name} = {value}" for name, value in zip(fingerprint.key, reversed(values), strict=True))


def row_by_key(connection: psycopg.Connection[Any], table: Table, key: int) -> Mapping[str, Any] | None:
    """The row that a key number names, as column → text; None if the table has none."""
    columns = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c.name)) for c in table.columns)
    query = sql.SQL("SELECT {} FROM {} WHERE {} = {} LIMIT 1").format(
        columns, table.source(), table.key_number(), sql.Literal(key)
    )
    row = connection.execute(query).fetchone()
    return dict(zip((c.name for c in table.columns), row, strict=True)) if row else None


def _result(
    table: Table, *, rows: int, sums: tuple[int, int], modulus: int, buckets: Mapping[int, Bucket]
) -> TableFingerprint:
    return TableFingerprint(
        columns=_names(table.columns),
        key=_names(table.key),
        readable_key=table.readable_key,
        rows=rows,
        sums=sums,
        modulus=modulus,
        buckets=buckets,
    )


def _names(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(c.name for c in columns)


def _buckets_for(rows: int) -> int:
    wanted = max(_MIN_BUCKETS, min(_MAX_BUCKETS, rows // 8))
    return 1 << (wanted - 1).bit_length()
