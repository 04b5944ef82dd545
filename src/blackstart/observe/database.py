"""The fingerprint of a whole database, in whatever snapshot a connection's transaction has."""

from __future__ import annotations

from typing import Any

import psycopg

from blackstart.evidence import DatabaseFingerprint
from blackstart.observe import tables


def fingerprint(connection: psycopg.Connection[Any]) -> DatabaseFingerprint:
    """All that a restore must bring back, tables with their buckets."""
    version = connection.execute("SHOW server_version").fetchone()
    return DatabaseFingerprint(
        server=str(version[0]) if version else "",
        algorithm=tables.ALGORITHM,
        tables={table.qualified: tables.with_buckets(connection, table) for table in tables.tables(connection)},
    )
