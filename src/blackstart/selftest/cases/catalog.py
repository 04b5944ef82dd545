"""Tables and columns that are not defined as they were; and definitions that only look as if they were not."""

from __future__ import annotations

from dataclasses import replace

from blackstart.selftest.case import Case, Copy, sql


def found(what: str, names: str, *statements: str, heal: str = "") -> Case:
    """The one thing that the catalog check must find and name."""
    return replace(among(what, names, *statements, heal=heal), alone=True)


def among(what: str, names: str, *statements: str, heal: str = "") -> Case:
    """What the catalog check must find and name, beside other things that hang on it."""
    return Case(what=what, plant=sql(*statements), found_by="catalog", names=names, heal=heal)


def _healthy(what: str, *statements: str) -> Case:
    return Case(what=what, plant=sql(*statements))


def _another_provider(copy: Copy) -> None:
    """The library that is built in, which knows none but C, or ICU; indexes are made anew, as a restore makes them."""
    with copy.database() as connection:
        connection.execute(
            "UPDATE pg_database SET datlocprovider = CASE WHEN datcollate ~* '^(C|POSIX)($|[.])' THEN 'b' ELSE 'i' END,"
            " datlocale = CASE WHEN datcollate ~* '^C[.]' THEN 'C.UTF-8' WHEN datcollate IN ('C', 'POSIX') THEN 'C'"
            " ELSE replace(split_part(datcollate, '.', 1), '_', '-') END"
            " WHERE datname = current_database()"
        )
        connection.execute(
            "UPDATE pg_database SET datcollversion = pg_database_collation_actual_version(oid)"
            " WHERE datname = current_database()"
        )
    with copy.database() as connection:
        connection.execute("REINDEX DATABASE shop")


CASES = (
    among("a table is unlogged", "changed table public.reviews: persistence:", "ALTER TABLE reviews SET UNLOGGED"),
    found(
        "a table's fillfactor is gone",
        "changed table zoo.animals: options:",
        "ALTER TABLE zoo.animals RESET (fillfactor)",
    ),
    among(
        "a table's replica identity is the default",
        "changed table zoo.animals: replica identity:",
        "ALTER TABLE zoo.animals REPLICA IDENTITY DEFAULT",
    ),
    among(
        "an index no longer tells replicas a table's rows apart",
        "changed index zoo.animals_name_idx: replica identity:",
        "ALTER TABLE zoo.animals REPLICA IDENTITY USING INDEX animals_pkey",
    ),
    among("a table has another owner", "changed table public.orders: owner:", "ALTER TABLE orders OWNER TO zoo_writer"),
    among(
        "a table no longer inherits",
        "changed table zoo.cages: inherits:",
        "ALTER TABLE zoo.cages NO INHERIT zoo.places",
    ),
    found(
        "row security is off",
        "changed table zoo.animals: row security:",
        "ALTER TABLE zoo.animals DISABLE ROW LEVEL SECURITY",
    ),
    found(
        "row security is not forced",
        "changed table zoo.closed: row security forced:",
        "ALTER TABLE zoo.closed NO FORCE ROW LEVEL SECURITY",
    ),
    found(
        "a partition is detached",
        "missing partition zoo.logs_known",
        "ALTER TABLE zoo.logs DETACH PARTITION zoo.logs_known",
    ),
    found(
        "a partition has another bound",
        "changed partition zoo.logs_known: bound:",
        "ALTER TABLE zoo.logs DETACH PARTITION zoo.logs_known",
        "ALTER TABLE zoo.logs ATTACH PARTITION zoo.logs_known FOR VALUES IN ('cat')",
    ),
    found(
        "an index's table is clustered no more",
        "changed index zoo.animals_name_idx: clustered:",
        "ALTER TABLE zoo.animals SET WITHOUT CLUSTER",
    ),
    found(
        "a foreign table leads elsewhere",
        "changed foreign table zoo.elsewhere: options:",
        "ALTER FOREIGN TABLE zoo.elsewhere OPTIONS (SET table_name 'x')",
    ),
    found(
        "a default has changed",
        "changed column public.orders.currency: default:",
        "ALTER TABLE orders ALTER currency SET DEFAULT 'USD'",
    ),
    found(
        "a column may be null",
        "changed column public.customers.full_name: not null:",
        "ALTER TABLE customers ALTER full_name DROP NOT NULL",
    ),
    found(
        "a column has a wider type",
        "changed column zoo.explicit.n: type:",
        "ALTER TABLE zoo.explicit ALTER n TYPE bigint",
    ),
    found(
        "an identity is always generated",
        "changed column public.orders.order_id: identity:",
        "ALTER TABLE orders ALTER order_id SET GENERATED ALWAYS",
    ),
    among(
        "an identity is gone",
        "changed column public.reviews.review_id: identity:",
        "ALTER TABLE reviews ALTER review_id DROP IDENTITY",
    ),
    found(
        "a column sorts otherwise",
        "changed column public.addresses.city: collation:",
        'ALTER TABLE addresses ALTER city TYPE text COLLATE "C"',
    ),
    among(
        "a column is computed no more",
        "changed column zoo.animals.tame: generated:",
        "ALTER TABLE zoo.animals ALTER tame DROP EXPRESSION",
    ),
    found(
        "a column is stored otherwise",
        "changed column public.reviews.body: storage:",
        "ALTER TABLE reviews ALTER body SET STORAGE EXTERNAL",
    ),
    found(
        "a statistics target is gone",
        "changed column zoo.animals.weight: statistics target:",
        "ALTER TABLE zoo.animals ALTER weight SET STATISTICS -1",
    ),
    among(
        "two columns have changed places",
        "changed column zoo.pair.a: position:",
        "DROP TABLE zoo.pair",
        "CREATE TABLE zoo.pair (b integer, a integer)",
    ),
    _healthy(
        "a check of a list is written as it was before it was restored",
        "ALTER TABLE zoo.animals DROP CONSTRAINT kind_known,"
        " ADD CONSTRAINT kind_known CHECK (kind IN ('cat', 'dog', 'lion', 'wolf'))",
        "COMMENT ON CONSTRAINT kind_known ON zoo.animals IS 'reads otherwise once restored'",
    ),
    _healthy(
        "an index is made again",
        "DROP INDEX orders_customer_id_idx",
        "CREATE INDEX orders_customer_id_idx ON orders (customer_id)",
    ),
    _healthy(
        "a dropped column leaves a gap", "ALTER TABLE reviews ADD passing text", "ALTER TABLE reviews DROP passing"
    ),
    _healthy("what the owner may do anyway is granted in so many words", "GRANT ALL ON orders TO shop"),
    _healthy("a materialized view is refreshed", "REFRESH MATERIALIZED VIEW zoo.census"),
    _healthy(
        "a view is made again, spelled otherwise",
        "create or replace view product_catalog as"
        " select product_id,sku,name,description,price,tags,stock,(stock)>(0) available"
        " from products join inventory using(product_id)",
    ),
    _healthy("tables are in another order on disk", "CLUSTER zoo.animals", "VACUUM (ANALYZE) orders"),
    _healthy(
        "the server has noted anew where in its log columns were made",
        "UPDATE pg_attribute SET attoptions = '{pg_attver=7}' WHERE attrelid = 'reviews'::regclass AND attnum > 0",
    ),
    Case(what="another library sorts by the same rules", plant=_another_provider),
    among(
        "the database has another encoding",
        "changed database the database: encoding:",
        "UPDATE pg_database SET encoding = pg_char_to_encoding('LATIN1') WHERE datname = current_database()",
    ),
    among(
        "the database has another locale of a built-in library",
        "changed database the database: locale:",
        "UPDATE pg_database SET datlocprovider = 'b', datlocale = CASE datcollate WHEN 'C' THEN 'C.UTF-8' ELSE 'C' END,"
        " datcollversion = '1' WHERE datname = current_database()",
    ),
)
