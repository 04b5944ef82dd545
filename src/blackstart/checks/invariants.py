"""`invariants`: what the stack's compose file says always holds, holds of the restored data too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from blackstart.checks.base import Scene, observation
from blackstart.evidence import MAX_NAMED, Observation, Stage
from blackstart.stack import Invariant

TIMEOUT_S = 120
"""For each query."""
_COLUMNS_NAMED = 4
_LONGEST_VALUE = 40


class Invariants:
    """Independent of manifests and seed: a backup that faithfully keeps wrong data restores wrong data."""

    NAME: ClassVar[str] = "invariants"
    LAYER: ClassVar[int] = 11
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation an invariant, all in one snapshot."""
        declared = scene.shop.plan.stack.invariants
        if not declared:
            none = observation(Invariants, scene, "the shop", expected=None, actual=None)
            yield replace(none, not_applicable="the stack declares no invariants")
            return
        with scene.shop.database(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S}s'".encode())
            for name, invariant in declared.items():
                yield _looked(scene, connection, name, invariant)


def _looked(scene: Scene, connection: psycopg.Connection[Any], name: str, invariant: Invariant) -> Observation:
    """The rows that break an invariant; a query that cannot be run is an error, and never a pass."""
    try:
        with connection.transaction():  # the next one's query must not suffer for this one's
            number, named = violations(connection, invariant)
    except psycopg.Error as problem:
        if isinstance(problem, psycopg.OperationalError) and not isinstance(problem, psycopg.errors.QueryCanceled):
            raise  # the server does not answer: that is no matter of the query
        blank = observation(Invariants, scene, name, expected=None, actual=None)
        return replace(blank, error=f"{type(problem).__name__}: {str(problem).strip().splitlines()[0]}")
    seen = observation(
        Invariants,
        scene,
        name,
        expected={"rows that break it": 0},
        actual={"rows that break it": number},
        differences=[f"{row}: not so: {invariant.why}" for row in named],
    )
    return replace(seen, differing=number)


def violations(connection: psycopg.Connection[Any], invariant: Invariant) -> tuple[int, list[str]]:
    """How many rows break an invariant, and the first of them by their first columns."""
    query = sql.SQL("SELECT count(*) OVER (), broken.* FROM ({}\n) AS broken LIMIT {}").format(
        sql.SQL(invariant.sql), sql.Literal(MAX_NAMED)
    )
    cursor = connection.execute(query)
    rows = cursor.fetchall()
    columns = [column.name for column in cursor.description or ()][1 : 1 + _COLUMNS_NAMED]
    named = [", ".join(f"{c} = {_short(v)}" for c, v in zip(columns, row[1:], strict=False)) for row in rows]
    return (rows[0][0] if rows else 0), named


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


EXTENSION = Invariants
