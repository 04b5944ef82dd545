"""Fingerprints of tables, made by the server: counts and sums of the rows' hashes, sorted into buckets by key.

A row's 64-bit hash, under two seeds, is taken of its wire form. That is made once for both: the
subquery that makes it has a volatile column, which keeps the planner from writing it out twice, and
from taking keys for buckets, of which it would expect too many to keep in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from blackstart.differences import key_values
from blackstart.evidence import Bucket, TableFingerprint
from blackstart.observe.tables import Table, wire_form

_MIN_BUCKETS, _MAX_BUCKETS = 16, 4096
_ALL = sql.SQL("true")
# Volatile, allowed in parallel workers, and free of cost.
_APART = sql.SQL("pg_is_in_recovery() AS apart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row by its key number, with its hash and its values as SQL writes them."""

    key: int
    hash: int
    values: Mapping[str, str]


def plain(connection: psycopg.Connection[Any], table: Table, *, where: sql.Composable = _ALL) -> TableFingerprint:
    """Count and sums only: what verification needs unless something differs."""
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(hash_array_extended(r, 0)), 0), coalesce(sum(hash_array_extended(r, 1)), 0)"
        " FROM (SELECT {wire} AS r, {apart} FROM {source} WHERE {where}) AS sent"
    ).format(wire=wire_form(table.columns), apart=_APART, source=table.source(), where=where)
    row = connection.execute(query).fetchone()
    assert row is not None
    return _result(table, rows=row[0], sums=(int(row[1]), int(row[2])), modulus=1, buckets={})


def with_buckets(
    connection: psycopg.Connection[Any], table: Table, *, where: sql.Composable = _ALL
) -> TableFingerprint:
    """Count, sums and buckets, about one for every eight rows."""
    count = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(table.source(), where)
    row = connection.execute(count).fetchone()
    modulus = _buckets_for(int(row[0]) if row else 0)
    query = sql.SQL(
        "SELECT {bucket}, count(*), sum({k}), sum(h), sum(h::numeric * {k}), sum(h1) FROM {hashed} GROUP BY 1"
    ).format(bucket=_bucket(table, modulus), k=_number(table), hashed=_hashed(table, where, "h1"))
    rows = connection.execute(query).fetchall()
    buckets = {number: _as_bucket(*sums) for number, *sums, _ in rows}
    sums = (sum(b.hashes for b in buckets.values()), sum(int(row[5]) for row in rows))
    return _result(table, rows=sum(b.n for b in buckets.values()), sums=sums, modulus=modulus, buckets=buckets)


def light_buckets(
    connection: psycopg.Connection[Any], table: Table, modulus: int, *, where: sql.Composable = _ALL
) -> dict[int, tuple[int, int]]:
    """Each bucket's n and Σh: enough to tell which buckets differ."""
    query = sql.SQL("SELECT {bucket}, count(*), sum(h) FROM {hashed} GROUP BY 1").format(
        bucket=_bucket(table, modulus), hashed=_hashed(table, where)
    )
    return {number: (n, int(hashes)) for number, n, hashes in connection.execute(query).fetchall()}


def full_buckets(
    connection: psycopg.Connection[Any],
    table: Table,
    modulus: int,
    numbers: Collection[int],
    *,
    where: sql.Composable = _ALL,
) -> dict[int, Bucket]:
    """All sums of some buckets; one without rows is not among them."""
    query = sql.SQL(
        "SELECT {bucket}, count(*), sum({k}), sum(h), sum(h::numeric * {k}) FROM {hashed}"
        " WHERE {bucket} = ANY({numbers}) GROUP BY 1"
    ).format(
        bucket=_bucket(table, modulus),
        k=_number(table),
        hashed=_hashed(table, where),
        numbers=sql.Literal(sorted(numbers)),
    )
    return {number: _as_bucket(*sums) for number, *sums in connection.execute(query).fetchall()}


def hashes_of_bucket(
    connection: psycopg.Connection[Any], table: Table, modulus: int, number: int
) -> list[tuple[int, int]]:
    """Key number and hash of each row of a bucket."""
    query = sql.SQL("SELECT {k}, h FROM {hashed} WHERE {bucket} = {number}").format(
        k=_number(table),
        hashed=_hashed(table, _ALL),
        bucket=_bucket(table, modulus),
        number=sql.Literal(number),
    )
    return [(int(key), h) for key, h in connection.execute(query).fetchall()]


def some_of_bucket(
    connection: psycopg.Connection[Any],
    table: Table,
    modulus: int,
    number: int,
    *,
    where: sql.Composable = _ALL,
    most: int,
) -> list[Row]:
    """The first rows of a bucket, by key."""
    condition = sql.SQL("{} = {}").format(_bucket(table, modulus), sql.Literal(number))
    return _rows(connection, table, where, condition, most)


def row_by_key(
    connection: psycopg.Connection[Any], table: Table, key: int, *, where: sql.Composable = _ALL
) -> Row | None:
    """The row that a key number names; None if the table has none."""
    if table.readable_key:  # by its values: an index finds it
        values = key_values([c.type for c in table.key], key)
        pairs = zip(table.key, values, strict=True)
        equal = (sql.SQL("{} = {}").format(sql.Identifier(c.name), sql.Literal(value)) for c, value in pairs)
        where = sql.SQL(" AND ").join([where, *equal])
    condition = sql.SQL("{} = {}").format(_number(table), sql.Literal(key))
    return next(iter(_rows(connection, table, where, condition, 1)), None)


def first_row(connection: psycopg.Connection[Any], table: Table, where: sql.Composable) -> Row | None:
    """Any one row that fulfils a condition."""
    return next(iter(_rows(connection, table, where, _ALL, 1)), None)


def _rows(
    connection: psycopg.Connection[Any], table: Table, where: sql.Composable, condition: sql.Composable, most: int
) -> list[Row]:
    query = sql.SQL("SELECT {k}, h, v FROM {hashed} WHERE {condition} ORDER BY 1, 2 LIMIT {most}").format(
        k=_number(table), hashed=_hashed(table, where, "v"), condition=condition, most=sql.Literal(most)
    )
    return [
        Row(key=int(key), hash=h, values=dict(zip((c.name for c in table.columns), values, strict=True)))
        for key, h, values in connection.execute(query).fetchall()
    ]


def _hashed(table: Table, where: sql.Composable, *more: str) -> sql.Composable:
    """Rows with their hash `h` and, if the table has a key, its number `k` and what spreads it over buckets, `s`.

    `more`: `h1`, the hash under another seed; `v`, the values as an array of texts.
    """
    wire = wire_form(table.columns)
    values = []
    if table.key:
        values.append(sql.SQL("{} AS k, {} AS s").format(*_key(table)))
    if "v" in more:
        texts = (sql.SQL("format('%L', {})").format(sql.Identifier(c.name)) for c in table.columns)
        values.append(sql.SQL("ARRAY[{}]::text[] AS v").format(sql.SQL(", ").join(texts)))
    rows = sql.SQL("{} WHERE {}").format(table.source(), where)
    if "h1" not in more:
        return _from(rows, [sql.SQL("hash_array_extended({}, 0) AS h").format(wire), *values])
    sent = _from(rows, [sql.SQL("{} AS r").format(wire), *values])
    hashes = sql.SQL("hash_array_extended(r, 0) AS h, hash_array_extended(r, 1) AS h1")
    return _from(sent, [hashes, *([sql.SQL("k, s")] if table.key else [])])


def _from(source: sql.Composable, columns: Sequence[sql.Composable]) -> sql.Composable:
    """A subquery that is computed once for each row, and whose groups are not estimated by what is in it."""
    return sql.SQL("(SELECT {}, {} FROM {}) AS hashed").format(sql.SQL(", ").join(columns), _APART, source)


def _key(table: Table) -> tuple[sql.Composable, sql.Composable]:
    """The key as one number, and 64 bits that spread it: integers are packed, anything else goes by its hash."""
    if not table.readable_key:
        number = sql.SQL("hash_array_extended({}, 0)").format(wire_form(table.key))
        return number, number
    first, *rest = [word for column in table.key for word in column.words()]
    packed, spread = first, sql.SQL("hashint8extended({}, 0)").format(first)
    for word in rest:
        packed = sql.SQL("({}::numeric * 18446744073709551616 + {})").format(packed, word)
        spread = sql.SQL("hashint8extended({}, {})").format(word, spread)
    return packed, spread


def _number(table: Table) -> sql.Composable:
    """The name of a row's key number: without a key, its hash."""
    return sql.SQL("k" if table.key else "h")


def _bucket(table: Table, modulus: int) -> sql.Composable:
    """The number of a row's bucket; `modulus` is a power of two."""
    return sql.SQL("({} & {})").format(sql.SQL("s" if table.key else "h"), sql.Literal(modulus - 1))


def _as_bucket(n: int, keys: Any, hashes: Any, products: Any) -> Bucket:
    return Bucket(n=n, keys=int(keys), hashes=int(hashes), products=int(products))


def _result(
    table: Table, *, rows: int, sums: tuple[int, int], modulus: int, buckets: Mapping[int, Bucket]
) -> TableFingerprint:
    columns = sorted(table.columns, key=lambda column: column.name)
    return TableFingerprint(
        columns=tuple(c.name for c in columns),
        types=tuple(c.type for c in columns),
        key=tuple(c.name for c in table.key),
        readable_key=table.readable_key,
        unlogged=table.unlogged,
        rows=rows,
        sums=sums,
        modulus=modulus,
        buckets=buckets,
    )


def _buckets_for(rows: int) -> int:
    wanted = max(_MIN_BUCKETS, min(_MAX_BUCKETS, rows // 8))
    return 1 << (wanted - 1).bit_length()
