"""Types, extensions, comments and other objects that came back otherwise, or not at all."""

from blackstart.selftest.cases.catalog import among, found

CASES = (
    found(
        "an enum has one value more",
        "changed enum public.order_status: labels:",
        "ALTER TYPE order_status ADD VALUE 'returned'",
    ),
    found(
        "an enum's values are in another order",
        "changed enum zoo.mood: labels:",
        "UPDATE pg_enum SET enumsortorder = 9 WHERE enumtypid = 'zoo.mood'::regtype AND enumlabel = 'so so'",
    ),
    found(
        "a domain takes anything",
        "missing domain constraint zoo.code.code_form",
        "ALTER DOMAIN zoo.code DROP CONSTRAINT code_form",
    ),
    found(
        "a domain has another default",
        "changed domain zoo.grade: default:",
        "ALTER DOMAIN zoo.grade SET DEFAULT 'rare'",
    ),
    among(
        "a composite type's attribute has another name",
        "changed composite type zoo.size: attributes:",
        "ALTER TYPE zoo.size RENAME ATTRIBUTE unit TO units CASCADE",
    ),
    among(
        "a range type has another owner",
        "changed range type zoo.span: owner:",
        "ALTER TYPE zoo.span OWNER TO zoo_writer",
    ),
    among("a base type is gone", "missing base type zoo.raw", "DROP TYPE zoo.raw CASCADE"),
    found("a collation is gone", "missing collation zoo.bytes", "DROP COLLATION zoo.bytes"),
    among("an extension is gone", "missing extension postgres_fdw", "DROP EXTENSION postgres_fdw CASCADE"),
    found(
        "an extension has another version",
        "changed extension postgres_fdw: version:",
        "UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'postgres_fdw'",
    ),
    among("a schema has another owner", "changed schema crm: owner:", "ALTER SCHEMA crm OWNER TO zoo_writer"),
    found(
        "a sequence hands out blocks",
        "changed sequence public.orders_order_id_seq: cache:",
        "ALTER SEQUENCE orders_order_id_seq CACHE 50",
    ),
    found("a statistics object is gone", "missing statistics zoo.animals_stats", "DROP STATISTICS zoo.animals_stats"),
    found(
        "a comment has changed",
        "changed comment on table zoo.animals: text:",
        "COMMENT ON TABLE zoo.animals IS 'who lived here'",
    ),
    found(
        "a comment is gone",
        "missing comment on trigger touched on zoo.animals",
        "COMMENT ON TRIGGER touched ON zoo.animals IS NULL",
    ),
    found(
        "there is a security label",
        "extra security label on table public.orders by nobody",
        "INSERT INTO pg_seclabel VALUES ('orders'::regclass, 'pg_class'::regclass, 0, 'nobody', 'secret')",
    ),
)
