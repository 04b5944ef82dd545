"""Rows: missing, extra, exchanged, and every way in which a value can differ and still look the same."""

from __future__ import annotations

from blackstart.selftest.case import Case, sql

_SCALARS, _NESTED = "shapes.scalars", "shapes.nested"


def _value(what: str, table: str, row: int, change: str) -> Case:
    """One value of one row, changed by an UPDATE."""
    return Case(
        what=what,
        plant=sql(f"UPDATE {table} SET {change} WHERE id = {row}"),  # noqa: S608 -- all three are written below
        found_by="checksums",
        names=f"{table}: changed row: id = {row}",
        alone=True,
    )


def _healthy(what: str, *statements: str) -> Case:
    return Case(what=what, plant=sql(*statements))


_MISSING_AND_EXTRA = (
    Case(
        what="a row is missing",
        plant=sql("DELETE FROM reviews WHERE review_id = 17"),
        found_by="checksums",
        names="public.reviews: missing row: review_id = 17",
        alone=True,
    ),
    Case(
        what="a row is missing, and only the count says so",
        plant=sql("DELETE FROM shapes.no_columns WHERE ctid = (SELECT min(ctid) FROM shapes.no_columns)"),
        found_by="row-counts",
        names="shapes.no_columns",
        alone=True,
    ),
    Case(
        what="a row is missing whose key has two columns",
        plant=sql("DELETE FROM shapes.by_pair WHERE (a, b) = (-3, -13)"),
        found_by="checksums",
        names="shapes.by_pair: missing row: a = -3, b = -13",
        alone=True,
    ),
    Case(
        what="a row is missing whose key is a UUID",
        plant=sql("DELETE FROM shapes.by_uuid WHERE id = md5('7')::uuid"),
        found_by="checksums",
        names="shapes.by_uuid: missing row: id = 8f14e45f-ceea-167a-5a36-dedd4bea2543",
        alone=True,
    ),
    Case(
        what="a row is extra",
        plant=sql("INSERT INTO reviews SELECT 99999, product_id, customer_id, rating FROM reviews WHERE review_id = 1"),
        found_by="checksums",
        names="public.reviews: extra row: review_id = 99999",
        alone=True,
    ),
    Case(
        what="a row is extra whose key is a text",
        plant=sql("INSERT INTO shapes.by_text VALUES ('code 51', 'row 51')"),
        found_by="checksums",
        names="shapes.by_text: extra row: code = 'code 51'",
        alone=True,
    ),
    Case(
        what="a row stands twice more in a table without a key",
        plant=sql("""INSERT INTO shapes."no key" SELECT n.* FROM shapes."no key" n, generate_series(1, 2)
                     WHERE "when" = '2026-01-01 00:00:07+00'"""),
        found_by="checksums",
        names="""shapes."no key": extra row (2 of them): what = 'thing 7'""",
        alone=True,
    ),
    Case(
        what="one of two equal rows is missing",
        plant=sql("""DELETE FROM shapes."no key"
                     WHERE ctid = (SELECT min(ctid) FROM shapes."no key" WHERE what = 'twice')"""),
        found_by="checksums",
        names='shapes."no key": missing row: the one whose content hashes to',
        alone=True,
    ),
    Case(
        what="a row was exchanged for another one",
        plant=sql(
            "DELETE FROM reviews WHERE review_id = 5",
            "INSERT INTO reviews SELECT 99999, product_id, customer_id, rating FROM reviews WHERE review_id = 1",
        ),
        found_by="checksums",
        names="public.reviews: missing row: review_id = 5",
    ),
    Case(
        what="two rows exchanged their names",
        plant=sql("""UPDATE customers a SET full_name = b.full_name FROM customers b
                     WHERE (a.customer_id, b.customer_id) IN ((3, 4), (4, 3))"""),
        found_by="checksums",
        names="public.customers: changed row: customer_id = 4",
    ),
    Case(
        what="two columns of a row exchanged their values",
        plant=sql("UPDATE shapes.unique_only SET code = body, body = code WHERE place = 5"),
        found_by="checksums",
        names="shapes.unique_only: changed row: place = 5",
    ),
    Case(
        what="a row moved to another partition",
        plant=sql("UPDATE shapes.parted SET region = 'south' WHERE id = 6"),
        found_by="checksums",
        names="shapes.parted_south_low: extra row: id = '6', region = 'south'",
    ),
    Case(
        what="a row moved from a table to the one that it inherits from",
        plant=sql(
            "WITH gone AS (DELETE FROM shapes.child WHERE id = 5 RETURNING *)"
            " INSERT INTO shapes.parent SELECT id + 100, body FROM gone"
        ),
        found_by="checksums",
        names="shapes.parent: extra row: id = 105",
    ),
)

_VALUES = (
    Case(
        what="a cent",
        plant=sql("UPDATE products SET price = price + 0.01 WHERE product_id = 9"),
        found_by="checksums",
        names="public.products: changed row: product_id = 9",
        alone=True,
    ),
    Case(
        what="a trailing space",
        plant=sql("UPDATE customers SET full_name = full_name || ' ' WHERE customer_id = 7"),
        found_by="checksums",
        names="public.customers: changed row: customer_id = 7",
        alone=True,
    ),
    Case(
        what="a microsecond",
        plant=sql("UPDATE reviews SET created_at = created_at + interval '1 microsecond' WHERE review_id = 9"),
        found_by="checksums",
        names="public.reviews: changed row: review_id = 9",
        alone=True,
    ),
    _value("1.0 for 1.00", _SCALARS, 1, "exact = 1.0"),
    _value("1.0 for 1.00 among a table's numbers in an array", _NESTED, 1, "grid[1][2] = 1.0"),
    _value("0 for -0", _SCALARS, 2, "double = 0"),
    _value("infinity for NaN", _SCALARS, 2, "exact = 'Infinity'"),
    _value("a NaN of floating point for a number", _SCALARS, 1, "single = 'NaN'"),
    _value("the next number of floating point", _SCALARS, 1, "double = 0.10000000000000002"),
    _value("empty for NULL", _SCALARS, 3, "body = ''"),
    _value("NULL for empty", _SCALARS, 2, "body = NULL"),
    _value("the text NULL for NULL", _NESTED, 3, "code = 'NULL'"),
    _value("no trailing space", _SCALARS, 4, "short = rtrim(short)"),
    _value("a letter composed otherwise", _SCALARS, 4, "body = replace(body, 'é', U&'e\\0301')"),
    _value("a byte of bytes", _SCALARS, 1, "bytes = set_byte(bytes, 1, 254)"),
    _value("a zero byte more", _SCALARS, 4, "bytes = bytes || '\\x00'"),
    _value("the last byte of a long value", "shapes.toasted", 3, "bytes = set_byte(bytes, length(bytes) - 1, 0)"),
    _value("30 days for a month, which SQL calls equal", _SCALARS, 1, "duration = '28 days 00:00:00.000001'"),
    _value("the same moment in another zone", _SCALARS, 1, "clock_tz = '02:04:05+01'"),
    _value("the last moment for infinity", _SCALARS, 2, "instant = '294276-12-31 23:59:59.999999+00'"),
    _value("a member of json", _SCALARS, 1, 'document = \'{"b": 2,  "a": [1.0, 1.00]}\''),
    _value("a blank in json", _SCALARS, 1, 'document = \'{"b": 1, "a": [1.0, 1.00]}\''),
    _value("the order of members in json", _SCALARS, 1, 'document = \'{"a": [1.0, 1.00],  "b": 1}\''),
    _value("a digit in jsonb", _SCALARS, 1, 'tree = \'{"a": [1.0, 1.0], "b": 1}\''),
    _value("an attribute in xml", _SCALARS, 1, "markup = '<a b=\"C\">d</a>'"),
    _value("a weight in a tsvector", _SCALARS, 1, "words = $$'fat':2B 'cat':3,5B$$"),
    _value("a bit", _SCALARS, 1, "varbits = B'10'"),
    _value("the length of a network", _SCALARS, 1, "host = '192.168.0.1/25'"),
    _value("an element of an array", _NESTED, 1, "numbers[2] = 3"),
    _value("the text NULL for NULL in an array", _NESTED, 1, "texts[2] = 'NULL'"),
    _value("the first index of an array", _NESTED, 1, "shifted = '{7,8}'"),
    _value("a value of an enum", _NESTED, 1, "mood = 'sad'"),
    _value("an enum in an array", _NESTED, 1, "moods[1] = 'sad'"),
    _value("a value of a domain", _NESTED, 1, "code = 'A2'"),
    _value("a member of a composite", _NESTED, 1, "price.amount = 1.0"),
    _value("NULL for empty in a composite", _NESTED, 1, "prices[1].note = ''"),
    _value("which bound a range includes", _NESTED, 1, "amounts = '[1.0,2.00]'"),
    _value("a microsecond in a range of one's own", _NESTED, 1, "opening = '[2026-01-01,2026-01-02 00:00:00.000001)'"),
    _value("a range in a multirange", _NESTED, 1, "many = '{[1,3),[5,8)}'"),
    _value("0 for -0 in a point", _NESTED, 1, "spot = '(1,0)'"),
    _value("a path that is closed", _NESTED, 1, "way = '((0,0),(1,1))'"),
    _value("NULL for empty in a type of an extension", _NESTED, 1, 'pairs = \'a=>1, b=>"", "c d"=>""\''),
    _value("a privilege in an aclitem", _NESTED, 1, "grants = makeaclitem('pg_monitor'::regrole, 10, 'INSERT', true)"),
    _value("a table in a regclass", _NESTED, 1, "class = 'shapes.nested'"),
    Case(
        what="a generated value that does not follow from its row",
        plant=sql(
            "ALTER TABLE shapes.generated ALTER gross DROP EXPRESSION",
            "UPDATE shapes.generated SET gross = gross + 0.01 WHERE id = 5",
        ),
        found_by="checksums",
        names="shapes.generated: changed row: id = 5",
        alone=True,
    ),
)

_HEALTHY = (
    _healthy("tables were written anew by VACUUM FULL", "VACUUM FULL orders", "VACUUM FULL shapes.toasted"),
    _healthy(
        "a table was sorted by CLUSTER",
        "CLUSTER reviews USING reviews_product_id_idx",
        "ALTER TABLE reviews SET WITHOUT CLUSTER",
    ),
    _healthy(
        "rows were deleted and inserted again in another order",
        "CREATE TEMP TABLE kept AS SELECT * FROM crm.page_views",
        "TRUNCATE crm.page_views",
        "INSERT INTO crm.page_views SELECT * FROM kept ORDER BY duration_ms DESC, path",
    ),
    _healthy(
        "a row was changed and changed back",
        "UPDATE customers SET locale = locale || '?' WHERE customer_id = 1",
        "UPDATE customers SET locale = left(locale, -1) WHERE customer_id = 1",
    ),
    _healthy("an empty table was emptied", "TRUNCATE shapes.empty"),
    _healthy("indexes were built anew", "REINDEX TABLE orders", "REINDEX TABLE shapes.paged"),
    _healthy("statistics were gathered", "ANALYZE"),
    _healthy(
        "a table was unlogged for a while",
        "ALTER TABLE shapes.dropped SET UNLOGGED",
        "ALTER TABLE shapes.dropped SET LOGGED",
    ),
    _healthy("a materialized view was refreshed", "REFRESH MATERIALIZED VIEW shapes.summary"),
    _healthy("a large object was written anew with the same bytes", "SELECT lo_put(700001, 0, 'an ordinary')"),
    _healthy(
        "a NaN has other bits",
        "UPDATE shapes.scalars SET double = double precision 'Infinity' - double precision 'Infinity' WHERE id = 4",
    ),
    Case(what="a crash emptied an unlogged table", plant=sql("TRUNCATE shapes.unlogged"), explained_by="ledger"),
)

CASES = (*_MISSING_AND_EXTRA, *_VALUES, *_HEALTHY)
