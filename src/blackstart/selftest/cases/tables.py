"""Whole tables and large objects: emptied, dropped, renamed, extra, cut short."""

from __future__ import annotations

from blackstart.selftest.case import Case, sql

_TABLES = (
    Case(
        what="a table is empty",
        plant=sql("TRUNCATE reviews"),
        found_by="checksums",
        names="public.reviews: all 800 rows are missing",
        alone=True,
    ),
    Case(
        what="a table is missing",
        plant=sql("DROP TABLE reviews"),
        found_by="row-counts",
        names="missing table: public.reviews",
    ),
    Case(
        what="a table is extra",
        plant=sql("CREATE TABLE stranger (n integer)"),
        found_by="row-counts",
        names="extra table: public.stranger",
    ),
    Case(
        what="a table is extra in a schema that is extra",
        plant=sql("CREATE SCHEMA strange", "CREATE TABLE strange.reviews (n integer)"),
        found_by="row-counts",
        names="extra table: strange.reviews",
    ),
    Case(
        what="two tables with names alike exchanged their rows",
        plant=sql(
            'UPDATE "shapes.odd"."table" SET "select" = \'in the plain schema\'',
            'UPDATE shapes."odd.table" SET "Camel ""Case"" %s {}" = \'in the odd schema\'',
        ),
        found_by="checksums",
        names='"shapes.odd"."table": changed row: id = 1',
    ),
    Case(
        what="a column is missing",
        plant=sql("ALTER TABLE shapes.dropped DROP COLUMN late"),
        found_by="checksums",
        names="shapes.dropped: missing column: late",
        alone=True,
    ),
    Case(
        what="a column has another type, and the same values",
        plant=sql("ALTER TABLE shapes.dropped ALTER late TYPE bigint"),
        found_by="checksums",
        names="shapes.dropped: column late: integer → bigint",
        alone=True,
    ),
    Case(
        what="an unlogged table is empty, although a backup of it was restored",
        plant=sql("TRUNCATE shapes.unlogged"),
        found_by="checksums",
        names="shapes.unlogged: all 30 rows are missing",
        alone=True,
    ),
    Case(
        what="an unlogged table has other rows after a crash",
        plant=sql("UPDATE shapes.unlogged SET body = 'another' WHERE id = 3"),
        found_by="checksums",
        names="shapes.unlogged: changed row: id = 3",
        alone=True,
        explained_by="ledger",
    ),
    Case(
        what="a seeded row differs after a crash",
        plant=sql("UPDATE reviews SET body = 'another' WHERE review_id = 11"),
        found_by="checksums",
        names="public.reviews: changed row: review_id = 11",
        alone=True,
        explained_by="ledger",
    ),
    Case(
        what="a materialized view holds what its tables never held",
        plant=sql(
            """UPDATE shapes."no key" SET amount = amount + 1 WHERE what = 'thing 3'""",
            "REFRESH MATERIALIZED VIEW shapes.summary",
            """UPDATE shapes."no key" SET amount = amount - 1 WHERE what = 'thing 3'""",
        ),
        found_by="checksums",
        names="shapes.summary: extra row: what = 'thing 3'",
    ),
    Case(
        what="a materialized view held what its tables do not give any more, and was refreshed",
        plant=sql('DELETE FROM shapes."no key"', "REFRESH MATERIALIZED VIEW shapes.summary"),
        found_by="checksums",
        names="shapes.summary: shapes.summary was refreshed:",
    ),
    Case(
        what="a materialized view is not populated any more",
        plant=sql("REFRESH MATERIALIZED VIEW shapes.summary WITH NO DATA"),
        found_by="checksums",
        names="materialized views: missing or not populated: shapes.summary",
        alone=True,
    ),
)

_LARGE_OBJECTS = (
    Case(
        what="a byte of a large object differs",
        plant=sql("SELECT lo_put(700001, 3, '_')"),
        found_by="checksums",
        names="large objects: changed row: oid = 700001, piece = 0",
        alone=True,
    ),
    Case(
        what="a large object is missing",
        plant=sql("SELECT lo_unlink(700002)"),
        found_by="checksums",
        names="large objects: missing row: oid = 700002, piece = 0",
        alone=True,
    ),
    Case(
        what="a large object is cut short",
        plant=sql("SELECT lo_truncate(lo_open(700004, 131072), 1048576)"),
        found_by="checksums",
        names="large objects: missing row: oid = 700004, piece = 1",
    ),
    Case(
        what="a large object is extra",
        plant=sql("SELECT lo_from_bytea(700009, 'stranger')"),
        found_by="checksums",
        names="large objects: extra row: oid = 700009, piece = 0",
        alone=True,
    ),
)

CASES = (*_TABLES, *_LARGE_OBJECTS)
