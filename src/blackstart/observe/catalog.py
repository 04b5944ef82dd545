"""The catalog: how every object of a database is defined, who owns it, and who may do what with it.

Each file in `definitions/` is a class of object and one query. The first column names an object; each
other one is a fact about it, named by the column. A fact that is null, false or empty is left out.
Names and definitions are those that PostgreSQL writes when no schema is on the search path.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from blackstart.evidence import Catalog

_DEFINITIONS = Path(__file__).parent / "definitions"


@cache
def queries() -> Mapping[str, bytes]:
    """Class of object to the query that reads it."""
    common = (_DEFINITIONS / "_common.sql").read_bytes()
    files = (path for path in sorted(_DEFINITIONS.glob("*.sql")) if not path.name.startswith("_"))
    return {path.stem.replace("_", " "): common + path.read_bytes() for path in files}


def read(connection: psycopg.Connection[Any]) -> Catalog:
    """Everything, in whatever snapshot the connection's transaction has; its settings stay as they were."""
    with connection.transaction(force_rollback=True):
        # Compiling these queries takes longer than running them.
        connection.execute("SELECT set_config('search_path', '', true), set_config('jit', 'off', true)")
        return {kind: _objects(connection, query) for kind, query in queries().items()}


def _objects(connection: psycopg.Connection[Any], query: bytes) -> dict[str, dict[str, str]]:
    cursor = connection.execute(query)
    facts = [column.name for column in cursor.description or ()][1:]
    rows = cursor.fetchall()
    found = {
        row[0]: {fact: _text(value) for fact, value in zip(facts, row[1:], strict=True) if _says(value)} for row in rows
    }
    assert len(found) == len(rows), "two objects of one name: one would hide the other"
    return found


def _says(value: Any) -> bool:
    return value is not None and value is not False and value != ""


def _text(value: Any) -> str:
    return "yes" if value is True else str(value)
