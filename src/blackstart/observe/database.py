"""The fingerprint of a whole database, in whatever snapshot a connection's transaction has."""

from __future__ import annotations

from typing import Any

import psycopg

from blackstart.evidence import DatabaseFingerprint
from blackstart.observe import catalog, sequences, tables
from blackstart.observe.fingerprints import with_buckets


def fingerprint(connection: psycopg.Connection[Any]) -> DatabaseFingerprint:
    """All that a restore must bring back, tables with their buckets."""
    version = connection.execute("SHOW server_version").fetchone()
    checked = connection.execute("SHOW data_checksums").fetchone()
    return DatabaseFingerprint(
        server=str(version[0]) if version else "",
        algorithm=tables.ALGORITHM,
        tables={table.qualified: with_buckets(connection, table) for table in tables.tables(connection)},
        views={view.qualified: with_buckets(connection, view) for view in tables.views(connection)},
        sequences=sequences.read(connection),
        catalog=catalog.read(connection),
        large_objects=with_buckets(connection, tables.large_objects()),
        page_checksums=str(checked[0]) if checked else "",
    )
