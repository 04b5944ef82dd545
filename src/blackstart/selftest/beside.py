"""What really differs between the healthy database and a spoilt copy, row by row: the source is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import psycopg

from blackstart.evidence import DatabaseFingerprint, Observation
from blackstart.judge import outcome
from blackstart.observe import naming, rows, tables
from blackstart.selftest.bench import HEALTHY, Bench

MOST_ROWS = 3
"""Of each table: enough for a person to see what was planted."""


def differing_rows(bench: Bench, seen: Sequence[Observation]) -> list[str]:
    """The rows of those tables in which `checksums` found something, each with what its columns held and hold."""
    manifest = bench.restored["database"].manifest.database
    found = {each.subject for each in seen if each.check == "checksums" and outcome(each) == "fail"}
    if manifest is None or not found & manifest.tables.keys():
        return []
    with bench.shop.database(HEALTHY) as source, bench.shop.database() as copy:
        try:
            return list(_lines(source, copy, found, manifest))
        except tables.DAMAGED:
            return []  # pages are `physical`'s to tell of


def _lines(
    source: psycopg.Connection[Any], copy: psycopg.Connection[Any], found: set[str], manifest: DatabaseFingerprint
) -> Iterator[str]:
    for table in tables.tables(copy):
        known = manifest.tables.get(table.qualified)
        if table.qualified in found and known is not None and not naming.changed_columns(known, table):
            changes = islice(rows.differing(source, copy, table, known), MOST_ROWS)
            yield from (f"{table.qualified}: {change}" for change in changes)
