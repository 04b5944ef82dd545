"""Sequences: how far each has counted, and how far the columns have come that it feeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import psycopg

from blackstart.evidence import SequenceState

# A sequence feeds its identity column, every column whose default is its next value as it is, and a column
# that owns it and has no default: there the application asks. Inheriting tables have defaults of their own.
_SEQUENCES = """
WITH feeds AS (
    SELECT objid AS sequence, refobjid AS relation, refobjsubid AS attribute, deptype = 'i' AS identity
    FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
    UNION
    SELECT refobjid, adrelid, adnum, false
    FROM pg_depend JOIN pg_attrdef a ON a.oid = objid AND classid = 'pg_attrdef'::regclass
    WHERE refclassid = 'pg_class'::regclass
)
SELECT format('%I.%I', n.nspname, c.relname), s.seqincrement, s.seqcycle, c.relpersistence = 'u',
       ARRAY[s.seqmin, s.seqmax],
       array_remove(array_agg(DISTINCT fed.feeds), NULL)
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT jsonb_build_array(format('%I.%I', tn.nspname, t.relname), quote_ident(a.attname), t.relkind = 'p')::text
           AS feeds
    FROM feeds f
    JOIN pg_class t ON t.oid = f.relation AND t.relkind IN ('r', 'p')
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.attribute
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
    WHERE f.sequence = c.oid
      AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
      AND (f.identity OR d.oid IS NULL OR pg_get_expr(d.adbin, t.oid) ~ '^nextval\\(''([^'']|'''')*''::regclass\\)$')
) fed ON true
WHERE n.nspname !~ '^pg_' AND NOT EXISTS (
    SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
GROUP BY 1, 2, 3, 4, 5"""


def read(connection: psycopg.Connection[Any]) -> Mapping[str, SequenceState]:
    """Every sequence by name. Its value is of this very moment: no snapshot holds it still."""
    return {row[0]: _state(connection, *row) for row in connection.execute(_SEQUENCES).fetchall()}


def _state(
    connection: psycopg.Connection[Any],
    name: str,
    increment: int,
    cycles: bool,
    unlogged: bool,
    bounds: Sequence[int],
    fed: Sequence[str],
) -> SequenceState:
    columns = [json.loads(one) for one in fed]
    extreme = _extreme(columns, "max" if increment > 0 else "min")
    query = f"SELECT last_value, is_called, ({extreme}) FROM {name}"  # noqa: S608 -- names come quoted
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return SequenceState(
        last=row[0],
        called=row[1],
        increment=increment,
        cycles=cycles,
        unlogged=unlogged,
        columns=tuple(f"{table}.{column}" for table, column, _ in columns),
        extreme=None if row[2] is None else int(row[2]),
        minimum=bounds[0],
        maximum=bounds[1],
    )


def _extreme(columns: Sequence[tuple[str, str, bool]], function: Literal["max", "min"]) -> str:
    """The largest or smallest value of all columns; a partitioned table's are those of its partitions."""
    selects = [
        f"SELECT {function}({column})::numeric FROM {'' if partitioned else 'ONLY '}{table}"  # noqa: S608
        for table, column, partitioned in columns
    ]
    union = " UNION ALL ".join(selects or ["SELECT NULL::numeric"])
    return f"SELECT {function}(value) FROM ({union}) AS extremes(value)"  # noqa: S608
