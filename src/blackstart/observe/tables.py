"""Which tables a database has, and how each column enters a row's hash.

`record_send(ROW(c1, c2, …))` gives the bytes that the server would send in binary mode. This wire form
tells 1.0 from 1.00, takes types without a hash function (json, xml), and no DateStyle moves it. Four
kinds of values have no wire form that is the same in every database, and enter as the text that their
output function writes: types whose OID is this database's own (enums, domains, composites, extensions'),
types whose values are OIDs (regclass), types that cannot be sent at all (aclitem), and floating-point
numbers, whose NaN has many bit patterns and loses them on its way through a dump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import errors, sql

ALGORITHM = "wire-form/2"
"""Changes whenever the same rows would get other sums."""

DAMAGED = (psycopg.InternalError, errors.IoError, errors.UndefinedFile)
"""What the server says of pages that it cannot read, or of what it cannot make sense of on them."""

_INTEGERS = frozenset({"smallint", "integer", "bigint"})

# A NULL must not become the text NULL: %L quotes all but that.
_AS_TEXT = "format('%L', {})"

# Types below OID 10000 have the same one in every database of a major version.
_TABLES = """
SELECT format('%%I.%%I', n.nspname, c.relname), n.nspname, c.relname, c.relpersistence = 'u',
       a.attname, format_type(t.oid, NULL),
       t.oid >= 10000 OR b.oid >= 10000 OR b.typsend = 0 OR b.typcategory = 'G'
           OR b.typname ~ '^(reg|float)',
       array_position(k.columns, a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON b.oid = CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE t.oid END
LEFT JOIN LATERAL (
    SELECT (string_to_array(i.indkey::text, ' ')::int2[])[1:i.indnkeyatts] AS columns
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND NOT o.attnotnull AND o.attnum
                      = ANY ((string_to_array(i.indkey::text, ' ')::int2[])[1:i.indnkeyatts]))
    ORDER BY NOT i.indisprimary, i.indnkeyatts, x.relname LIMIT 1
) k ON true
WHERE c.relkind = %s AND (c.relkind <> 'm' OR c.relispopulated) AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname, a.attnum"""

# In pieces of 1 MB: a large object may be larger than any value.
_LARGE_OBJECTS = """(
SELECT m.oid::int8 AS oid, piece, lo_get(m.oid, piece * 1048576, 1048576) AS data
FROM pg_largeobject_metadata m
CROSS JOIN LATERAL (SELECT coalesce(max(l.pageno::int8 * 2048 + octet_length(l.data)), 0) AS bytes
                    FROM pg_largeobject l WHERE l.loid = m.oid) AS size
CROSS JOIN LATERAL generate_series(0, greatest(size.bytes - 1, 0) / 1048576) AS piece
) AS large_objects"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, and how it enters a row's hash."""

    name: str
    type: str
    """As `format_type` writes it, without its modifier."""
    as_text: bool
    place: int | None = None
    """Where it stands in the key; None: it does not."""

    def expression(self) -> sql.Composable:
        """The column, or what its output function writes."""
        name = sql.Identifier(self.name)
        return sql.SQL(_AS_TEXT).format(name) if self.as_text else name

    def words(self) -> list[sql.Composable]:
        """The column as 64-bit numbers, from which `differences.key_values` makes it again."""
        name = sql.Identifier(self.name)
        if self.type != "uuid":
            return [sql.SQL("{}::int8").format(name)]
        half = "('x' || encode(substr(uuid_send({}), {}, 8), 'hex'))::bit(64)::int8"
        return [sql.SQL(half).format(name, sql.Literal(first)) for first in (1, 9)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What has rows and columns: a table, a materialized view, or the large objects."""

    qualified: str
    """`schema.table`, quoted where it must be, so that no two tables share a name."""
    schema: str
    name: str
    columns: tuple[Column, ...]
    unlogged: bool = False
    rows_of: sql.Composable | None = None
    """What stands after FROM, if it is not the table itself."""

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns of the primary key, or of a unique index over columns that are never NULL; else none."""
        return tuple(sorted((c for c in self.columns if c.place is not None), key=lambda c: c.place or 0))

    @property
    def readable_key(self) -> bool:
        """Whether the key can be packed into one number and back."""
        return bool(self.key) and all(c.type in _INTEGERS or c.type == "uuid" for c in self.key)

    def keyed_by(self, names: Iterable[str]) -> Table:
        """The same with another key: the one by which an older fingerprint sorted the rows."""
        places = {name: place for place, name in enumerate(names)}
        return replace(self, columns=tuple(replace(c, place=places.get(c.name)) for c in self.columns))

    def identifier(self) -> sql.Composable:
        """Its name, quoted."""
        return sql.Identifier(self.schema, self.name)

    def source(self) -> sql.Composable:
        """ONLY the table itself: inheritors and partitions are tables of their own."""
        return self.rows_of or sql.SQL("ONLY {}").format(self.identifier())


def wire_form(columns: Iterable[Column]) -> sql.Composable:
    """The exact bytes of some of a row's values, in an array: bytes alone have no function that hashes them.

    By the columns' names: a restore moves those that a table has inherited to its front. One element, not one a
    column: an array's hash is linear in those of its elements, so values that two rows have exchanged would cancel
    in the sum of all rows.
    """
    ordered = sorted(columns, key=lambda column: column.name)
    return sql.SQL("ARRAY[record_send(ROW({}))]").format(sql.SQL(", ").join(c.expression() for c in ordered))


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """All user tables of all schemas that have rows of their own: partitions, but not what they are parts of."""
    return list(_relations(connection, "r"))


def views(connection: psycopg.Connection[Any]) -> list[Table]:
    """All materialized views that are populated."""
    return list(_relations(connection, "m"))


def large_objects() -> Table:
    """Large objects in pieces: (oid, number of the piece, bytes)."""
    shape = (("oid", "bigint", 0), ("piece", "bigint", 1), ("data", "bytea", None))
    return Table(
        qualified="large objects",
        schema="pg_catalog",
        name="pg_largeobject",
        columns=tuple(Column(name=name, type=kind, as_text=False, place=place) for name, kind, place in shape),
        rows_of=sql.SQL(_LARGE_OBJECTS),
    )


def refreshed(connection: psycopg.Connection[Any], view: Table) -> Table:
    """What a materialized view would hold if it were refreshed now."""
    row = connection.execute("SELECT pg_get_viewdef(%s::regclass)", (view.qualified,)).fetchone()
    assert row is not None
    query = str(row[0]).strip().rstrip(";").replace("{", "{{").replace("}", "}}")
    return replace(view, rows_of=sql.SQL("({}) AS refreshed").format(sql.SQL(query).format()))


def _relations(connection: psycopg.Connection[Any], kind: str) -> Iterator[Table]:
    rows = connection.execute(_TABLES.encode(), (kind,)).fetchall()
    for (qualified, schema, name, unlogged), found in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        columns = (
            Column(name=column, type=type_, as_text=text, place=place)
            for *_, column, type_, text, place in found
            if column is not None
        )
        yield Table(qualified=qualified, schema=schema, name=name, columns=tuple(columns), unlogged=unlogged)
