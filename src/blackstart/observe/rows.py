"""Two databases row by row, where the source is still there: which rows differ, and in which columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg

from blackstart.differences import RowDifference, row_differences
from blackstart.evidence import TableFingerprint
from blackstart.observe import fingerprints
from blackstart.observe.fingerprints import Row
from blackstart.observe.naming import described, shortened
from blackstart.observe.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that is not the same in the source and in its copy."""

    what: Literal["changed", "missing", "extra"]
    row: str
    """The row by its key, or by all that it holds."""
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of a changed row, each column that differs: its value in the source, and in the copy."""

    def __str__(self) -> str:
        values = (f"{name}: {shortened(old)} → {shortened(new)}" for name, (old, new) in self.columns.items())
        return f"{self.what} row: {'; '.join([self.row, *values])}"


def differing(
    source: psycopg.Connection[Any], copy: psycopg.Connection[Any], table: Table, known: TableFingerprint
) -> Iterator[RowChange]:
    """Each row that differs, bucket by bucket; `known` is the source's fingerprint, as its manifest has it.

    Where the sums of a bucket name its only differing row, that row alone is read; else both sides of the
    bucket are. A caller who has seen enough may stop at any time. The table's columns must be the same in both.
    """
    keyed, modulus = table.keyed_by(known.key), known.modulus
    found = fingerprints.light_buckets(copy, keyed, modulus)
    wanted = {number: (bucket.n, bucket.hashes) for number, bucket in known.buckets.items()}
    numbers = sorted(n for n in wanted.keys() | found.keys() if wanted.get(n) != found.get(n))
    actual = fingerprints.full_buckets(copy, keyed, modulus, numbers)
    for difference in row_differences(known, actual, numbers):
        named = list(_named(source, copy, keyed, difference))
        yield from named or _bucket(source, copy, keyed, modulus, difference.bucket)


def _named(
    source: psycopg.Connection[Any], copy: psycopg.Connection[Any], table: Table, difference: RowDifference
) -> Iterator[RowChange]:
    """The row that a bucket's sums name; none if they name none, or by accident one that is not there."""
    key, what = difference.key, difference.what
    if key is None or what == "several":
        return
    if what == "changed":
        yield from _changed(source, copy, table, key)
    else:
        yield from _only(source if what == "missing" else copy, table, what, key, difference.rows)


def _bucket(
    source: psycopg.Connection[Any], copy: psycopg.Connection[Any], table: Table, modulus: int, number: int
) -> Iterator[RowChange]:
    """Rows are the same if key and hash are; a row that is there twice counts twice."""
    old, new = (Counter(fingerprints.hashes_of_bucket(side, table, modulus, number)) for side in (source, copy))
    gone, come = (Counter(key for key, _ in rows.elements()) for rows in (old - new, new - old))
    for key in sorted(gone | come):
        if gone[key] and come[key]:
            yield from _changed(source, copy, table, key)
        yield from _only(source, table, "missing", key, gone[key] - come[key])
        yield from _only(copy, table, "extra", key, come[key] - gone[key])


def _changed(
    source: psycopg.Connection[Any], copy: psycopg.Connection[Any], table: Table, key: int
) -> Iterator[RowChange]:
    old, new = (fingerprints.row_by_key(side, table, key) for side in (source, copy))
    if old is not None and new is not None:
        pairs = {name: (old.values[name], new.values[name]) for name in old.values}
        columns = {name: values for name, values in pairs.items() if values[0] != values[1]}
        yield RowChange(what="changed", row=_described(new, table), columns=columns)


def _only(
    side: psycopg.Connection[Any], table: Table, what: Literal["missing", "extra"], key: int, times: int
) -> Iterator[RowChange]:
    """A row that one side has so many times more."""
    row = fingerprints.row_by_key(side, table, key) if times > 0 else None
    if row is not None:
        yield from [RowChange(what=what, row=_described(row, table))] * times


def _described(row: Row, table: Table) -> str:
    return described(row, tuple(column.name for column in table.key))
