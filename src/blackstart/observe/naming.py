"""Names the rows by which a table differs from a fingerprint whose source is gone.

One grouped pass tells which buckets differ; only those get the full arithmetic, and only the rows
that it yields are looked up.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from blackstart.differences import RowDifference, describe_key, row_differences
from blackstart.evidence import MAX_NAMED, TableFingerprint
from blackstart.observe import fingerprints
from blackstart.observe.fingerprints import Row
from blackstart.observe.tables import Table

_SHOWN_OF_A_BUCKET = 5
_LONGEST_VALUE = 60


def differing_rows(
    connection: psycopg.Connection[Any], table: Table, expected: TableFingerprint, *, where: sql.Composable
) -> list[str]:
    """A line for each difference, `changed row: order_id = 17`; the first twenty buckets' rows are named.

    The table's columns must be those of the fingerprint.
    """
    keyed, modulus = table.keyed_by(expected.key), expected.modulus
    found = fingerprints.light_buckets(connection, keyed, modulus, where=where)
    if expected.rows > 1 and not found:
        return [f"all {expected.rows} rows are missing"]
    wanted = {number: (bucket.n, bucket.hashes) for number, bucket in expected.buckets.items()}
    differing = sorted(n for n in wanted.keys() | found.keys() if wanted.get(n) != found.get(n))
    first = differing[:MAX_NAMED]
    actual = fingerprints.full_buckets(connection, keyed, modulus, first, where=where)
    lines = []
    for difference in row_differences(expected, actual, first):
        line = "" if difference.key is None else _name(connection, keyed, expected, difference, where)
        lines.append(line or _several(connection, keyed, expected, difference.bucket, where))
    return lines + [f"several rows: in bucket {number} of {modulus}" for number in differing[MAX_NAMED:]]


def changed_columns(expected: TableFingerprint, table: Table) -> list[str]:
    """How the columns themselves differ; rows are not comparable then."""
    old = dict(zip(expected.columns, expected.types, strict=True))
    new = {column.name: column.type for column in table.columns}
    lines = [f"missing column: {name}" for name in old if name not in new]
    lines += [f"extra column: {name}" for name in new if name not in old]
    return lines + [
        f"column {name}: {old[name]} → {new[name]}" for name in old if old[name] != new.get(name, old[name])
    ]


def _name(
    connection: psycopg.Connection[Any],
    table: Table,
    expected: TableFingerprint,
    difference: RowDifference,
    where: sql.Composable,
) -> str:
    """One difference in words; empty if the arithmetic fitted by accident: what it names is not there."""
    key = difference.key
    assert key is not None
    row = None if difference.what == "missing" else fingerprints.row_by_key(connection, table, key, where=where)
    if row is None and difference.what != "missing":
        return ""
    times = f" ({difference.rows} of them)" if difference.rows > 1 else ""
    if expected.readable_key:
        return f"{difference.what} row{times}: {describe_key(expected, key)}"
    if row is not None:
        return f"{difference.what} row{times}: {described(row, expected.key)}"
    return f"missing row{times}: the one whose {'key' if expected.key else 'content'} hashes to {key}"


def _several(
    connection: psycopg.Connection[Any], table: Table, expected: TableFingerprint, number: int, where: sql.Composable
) -> str:
    """What a person may look into, where a bucket's sums have no single explanation."""
    rows = fingerprints.some_of_bucket(
        connection, table, expected.modulus, number, where=where, most=_SHOWN_OF_A_BUCKET
    )
    there = "; ".join(described(row, expected.key) for row in rows) or "none"
    was = expected.buckets[number].n if number in expected.buckets else 0
    return f"several rows: in bucket {number} of {expected.modulus}, which held {was}; there now: {there}"


def described(row: Row, key: tuple[str, ...]) -> str:
    """A row by its key, or by all that it holds if it has none."""
    return ", ".join(f"{name} = {shortened(row.values[name])}" for name in key or row.values) or "without columns"


def shortened(value: str) -> str:
    """A value as SQL writes it, of which a person needs the beginning only."""
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
