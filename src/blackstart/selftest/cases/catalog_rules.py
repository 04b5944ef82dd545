"""Constraints and indexes that do not hold what they held."""

from blackstart.selftest.cases.catalog import among, found

CASES = (
    found(
        "a check is gone",
        "missing constraint public.products.products_price_check",
        "ALTER TABLE products DROP CONSTRAINT products_price_check",
    ),
    found(
        "a check allows zero",
        "changed constraint public.products.products_price_check: check:",
        "ALTER TABLE products DROP CONSTRAINT products_price_check,"
        " ADD CONSTRAINT products_price_check CHECK (price >= 0)",
    ),
    among(
        "a check of a list lets one more in",
        "changed constraint zoo.animals.kind_known: check:",
        "ALTER TABLE zoo.animals DROP CONSTRAINT kind_known, ADD CONSTRAINT kind_known"
        " CHECK (kind IN ('cat', 'dog', 'lion', 'wolf', 'bear'))",
    ),
    found(
        "a check was never validated",
        "changed constraint public.products.products_price_check: not valid:",
        "ALTER TABLE products DROP CONSTRAINT products_price_check,"
        " ADD CONSTRAINT products_price_check CHECK (price > 0) NOT VALID",
    ),
    among(
        "a foreign key is gone",
        "missing constraint public.orders.orders_customer_id_fkey",
        "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
    ),
    among(
        "a foreign key deletes no more",
        "changed constraint public.addresses.addresses_customer_id_fkey: definition:",
        "ALTER TABLE addresses DROP CONSTRAINT addresses_customer_id_fkey,"
        " ADD FOREIGN KEY (customer_id) REFERENCES customers",
    ),
    among(
        "a foreign key is not deferrable",
        "changed constraint zoo.animals.parent_fkey: deferrable:",
        "ALTER TABLE zoo.animals ALTER CONSTRAINT parent_fkey NOT DEFERRABLE",
    ),
    among(
        "the triggers that enforce a foreign key are off",
        'changed constraint trigger "RI_FKey_check_ins" on public.order_items for order_items_order_id_fkey:',
        "ALTER TABLE order_items DISABLE TRIGGER ALL",
    ),
    among(
        "a primary key is gone",
        "missing constraint public.order_items.order_items_pkey",
        "ALTER TABLE order_items DROP CONSTRAINT order_items_pkey",
    ),
    among(
        "an exclusion is gone",
        "missing constraint zoo.animals.one_a_stay",
        "ALTER TABLE zoo.animals DROP CONSTRAINT one_a_stay",
    ),
    found("an index is gone", "missing index public.orders_customer_id_idx", "DROP INDEX orders_customer_id_idx"),
    among(
        "an index is over another column",
        "changed index public.orders_customer_id_idx: keys:",
        "DROP INDEX orders_customer_id_idx",
        "CREATE INDEX orders_customer_id_idx ON orders (placed_at)",
    ),
    found(
        "an index leaves more out",
        "changed index public.orders_open_idx: where:",
        "DROP INDEX orders_open_idx",
        "CREATE INDEX orders_open_idx ON orders (placed_at) WHERE status IN ('placed')",
    ),
    found(
        "an index is invalid",
        "changed index public.orders_open_idx: invalid:",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_open_idx'::regclass",
    ),
    among(
        "an index is unique no more",
        "changed index zoo.animals_name_idx: unique:",
        "ALTER TABLE zoo.animals REPLICA IDENTITY NOTHING",
        "UPDATE pg_index SET indisunique = false WHERE indexrelid = 'zoo.animals_name_idx'::regclass",
    ),
)
