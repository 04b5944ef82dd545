"""Triggers, functions, views and what else runs inside the database, not as it was."""

from blackstart.selftest.cases.catalog import among, found

CASES = (
    found(
        "a trigger is off",
        "changed trigger public.inventory.inventory_version: state:",
        "ALTER TABLE inventory DISABLE TRIGGER inventory_version",
    ),
    found(
        "a trigger is gone",
        "missing trigger public.inventory.inventory_version",
        "DROP TRIGGER inventory_version ON inventory",
    ),
    among(
        "a trigger fires later",
        "changed trigger zoo.animals.never: definition:",
        "CREATE OR REPLACE TRIGGER never AFTER DELETE ON zoo.animals FOR EACH ROW EXECUTE FUNCTION zoo.touch()",
    ),
    found("an event trigger is off", "changed event trigger zoo_ddl: state:", "ALTER EVENT TRIGGER zoo_ddl DISABLE"),
    found("a rule is gone", "missing rule zoo.notes.no_secrets", "DROP RULE no_secrets ON zoo.notes"),
    found(
        "a rule lets one more through",
        "changed rule zoo.notes.no_secrets: rule:",
        "CREATE OR REPLACE RULE no_secrets AS ON UPDATE TO zoo.notes WHERE new.kind IN ('secret') DO INSTEAD NOTHING",
    ),
    found(
        "a function's body has changed",
        "changed function public.inventory_count_version(): body:",
        "CREATE OR REPLACE FUNCTION inventory_count_version() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
    ),
    found(
        "a function answers otherwise",
        "changed function zoo.is_wild(character varying,text): sql body:",
        "CREATE OR REPLACE FUNCTION zoo.is_wild(kind varchar, ask text DEFAULT 'politely') RETURNS boolean"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN kind IN ('lion')",
    ),
    found(
        "a function looks elsewhere for names",
        "changed function zoo.secrets(): settings:",
        "ALTER FUNCTION zoo.secrets() RESET search_path",
    ),
    found(
        "a function runs as its caller",
        "changed function zoo.secrets(): security definer:",
        "ALTER FUNCTION zoo.secrets() SECURITY INVOKER",
    ),
    among("a procedure is gone", "missing function zoo.feed(integer)", "DROP PROCEDURE zoo.feed"),
    found(
        "an aggregate starts elsewhere",
        "changed aggregate zoo.total(integer): initial state:",
        "CREATE OR REPLACE AGGREGATE zoo.total(integer)"
        " (SFUNC = int4pl, STYPE = integer, INITCOND = '1', PARALLEL = SAFE)",
    ),
    found(
        "a view shows more",
        "changed view zoo.tame_animals: query:",
        "CREATE OR REPLACE VIEW zoo.tame_animals WITH (security_barrier = true) AS"
        " SELECT id, name, kind FROM zoo.animals WHERE kind IN ('cat', 'dog', 'lion') WITH LOCAL CHECK OPTION",
    ),
    found(
        "a view is no barrier",
        "changed view zoo.tame_animals: options:",
        "ALTER VIEW zoo.tame_animals SET (security_barrier = false)",
    ),
    found(
        "a materialized view is not populated",
        "changed materialized view zoo.census: not populated:",
        "REFRESH MATERIALIZED VIEW zoo.census WITH NO DATA",
    ),
    found("a cast is gone", "missing cast zoo.mood to integer", "DROP CAST (zoo.mood AS integer)"),
    found(
        "an operator is gone", "missing operator zoo.===(integer,integer)", "DROP OPERATOR zoo.===(integer, integer)"
    ),
    found(
        "an operator class has another owner",
        "changed operator class zoo.backwards_ops for btree: owner:",
        "ALTER OPERATOR CLASS zoo.backwards_ops USING btree OWNER TO zoo_writer",
    ),
    found(
        "an operator family knows one more",
        "changed operator family zoo.backwards_ops for btree: operators:",
        "ALTER OPERATOR FAMILY zoo.backwards_ops USING btree ADD OPERATOR 3 = (integer, bigint)",
    ),
    found(
        "a language has another owner",
        "changed language zoo_language: owner:",
        "ALTER LANGUAGE zoo_language OWNER TO zoo_writer",
    ),
    found("an access method is gone", "missing access method zoo_heap", "DROP ACCESS METHOD zoo_heap"),
    found(
        "a text search configuration asks no dictionary of its own",
        "changed text search configuration zoo.search: mappings:",
        "ALTER TEXT SEARCH CONFIGURATION zoo.search ALTER MAPPING FOR word WITH simple",
    ),
    found(
        "a text search dictionary takes all words",
        "changed text search dictionary zoo.words: options:",
        "ALTER TEXT SEARCH DICTIONARY zoo.words (accept = 'true')",
    ),
)
