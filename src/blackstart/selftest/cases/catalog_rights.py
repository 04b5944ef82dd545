"""Owners, grants, policies, roles and settings that let others do otherwise than before."""

from blackstart.selftest.cases.catalog import among, found

CASES = (
    found(
        "a grant is gone",
        "missing grant on table zoo.animals to zoo_reader",
        "REVOKE ALL ON zoo.animals FROM zoo_reader CASCADE",
    ),
    found(
        "a grant is extra",
        "extra grant on table public.customers to zoo_reader",
        "GRANT SELECT ON customers TO zoo_reader",
    ),
    found(
        "a grant cannot be handed on",
        "changed grant on table zoo.animals to zoo_reader: privileges:",
        "REVOKE GRANT OPTION FOR SELECT ON zoo.animals FROM zoo_reader",
    ),
    found(
        "a column's grant is gone",
        "missing grant on column zoo.animals.weight to zoo_writer",
        "REVOKE UPDATE (weight) ON zoo.animals FROM zoo_writer",
    ),
    found(
        "a schema is closed", "missing grant on schema zoo to zoo_reader", "REVOKE USAGE ON SCHEMA zoo FROM zoo_reader"
    ),
    found(
        "a function is open to all",
        "extra grant on function zoo.secrets() to public",
        "GRANT EXECUTE ON FUNCTION zoo.secrets() TO public",
    ),
    found("a type is open to all", "extra grant on type zoo.mood to public", "GRANT USAGE ON TYPE zoo.mood TO public"),
    found(
        "a large object's grant is gone",
        "missing grant on large object 424242 to zoo_reader",
        "REVOKE SELECT ON LARGE OBJECT 424242 FROM zoo_reader",
    ),
    among(
        "a large object has another owner",
        "changed large object 424242: owner:",
        "ALTER LARGE OBJECT 424242 OWNER TO shop",
    ),
    found(
        "a foreign server's grant is gone",
        "missing grant on foreign server zoo_elsewhere to zoo_reader",
        "REVOKE USAGE ON FOREIGN SERVER zoo_elsewhere FROM zoo_reader",
    ),
    found(
        "the database is open to all",
        "changed grant on the database to public: privileges:",
        "GRANT TEMPORARY ON DATABASE shop TO public",
    ),
    found(
        "default privileges are gone",
        "missing default privilege on tables of zoo_writer in schema zoo to zoo_reader",
        "ALTER DEFAULT PRIVILEGES FOR ROLE zoo_writer IN SCHEMA zoo REVOKE SELECT ON TABLES FROM zoo_reader",
    ),
    found(
        "a policy shows all rows",
        "changed policy zoo.animals.animals_tame: using:",
        "ALTER POLICY animals_tame ON zoo.animals USING (true)",
    ),
    found(
        "a policy is for all",
        "changed policy zoo.animals.animals_tame: roles:",
        "ALTER POLICY animals_tame ON zoo.animals TO public",
    ),
    found("a policy is gone", "missing policy zoo.animals.animals_own", "DROP POLICY animals_own ON zoo.animals"),
    found(
        "a role may create databases",
        "changed role zoo_reader: creates databases:",
        "ALTER ROLE zoo_reader CREATEDB",
        heal="ALTER ROLE zoo_reader NOCREATEDB",
    ),
    found(
        "a role has no password",
        "changed role zoo_reader: password:",
        "ALTER ROLE zoo_reader PASSWORD NULL",
        heal="ALTER ROLE zoo_reader PASSWORD 'not-in-any-report'",
    ),
    found("a role is gone", "missing role zoo_guest", "DROP ROLE zoo_guest", heal="CREATE ROLE zoo_guest"),
    found(
        "a membership is gone",
        "missing role membership zoo_reader in zoo_writer",
        "REVOKE zoo_writer FROM zoo_reader",
        heal="GRANT zoo_writer TO zoo_reader WITH ADMIN OPTION",
    ),
    found(
        "a role's setting is gone",
        "missing setting statement_timeout of role zoo_reader",
        "ALTER ROLE zoo_reader RESET statement_timeout",
        heal="ALTER ROLE zoo_reader SET statement_timeout = '1h'",
    ),
    found(
        "a role's setting in the database has changed",
        "changed setting work_mem of role zoo_reader in the database:",
        "ALTER ROLE zoo_reader IN DATABASE shop SET work_mem = '9MB'",
    ),
    found(
        "the database's setting is gone",
        "missing setting random_page_cost of the database",
        "ALTER DATABASE shop RESET random_page_cost",
    ),
    found(
        "the database takes more connections",
        "changed database the database: connection limit:",
        "ALTER DATABASE shop CONNECTION LIMIT -1",
    ),
    found("the database has no comment", "missing comment on the database", "COMMENT ON DATABASE shop IS NULL"),
    found(
        "the server has one setting more",
        "extra server setting log_checkpoints",
        "ALTER SYSTEM SET log_checkpoints = off",
        heal="ALTER SYSTEM RESET log_checkpoints",
    ),
    found(
        "the database sorts by another locale",
        "changed database the database: collate:",
        "UPDATE pg_database SET datcollate = 'POSIX' WHERE datname = 'shop'",
    ),
    found(
        "the library sorts otherwise than it did",
        "changed database the database: collation version mismatch:",
        "UPDATE pg_database SET datcollversion = '0.1' WHERE datname = 'shop'",
    ),
    found(
        "a publication has one table less",
        "missing publication table zoo_published publishes zoo.tickets",
        "ALTER PUBLICATION zoo_published DROP TABLE zoo.tickets",
    ),
    found(
        "a publication lets updates through",
        "changed publication zoo_published: operations:",
        "ALTER PUBLICATION zoo_published SET (publish = 'insert, delete')",
    ),
    found(
        "there is a subscription",
        "extra subscription zoo_subscribed",
        "CREATE SUBSCRIPTION zoo_subscribed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION zoo_published"
        " WITH (connect = false, slot_name = NONE, enabled = false, create_slot = false)",
        heal="DELETE FROM pg_subscription WHERE subname = 'zoo_subscribed'",
    ),
    found(
        "a foreign server is elsewhere",
        "changed foreign server zoo_elsewhere: options:",
        "ALTER SERVER zoo_elsewhere OPTIONS (SET host '127.0.0.2')",
    ),
    found(
        "a foreign data wrapper has other options",
        "changed foreign data wrapper zoo_wrapper: options:",
        "ALTER FOREIGN DATA WRAPPER zoo_wrapper OPTIONS (SET debug 'false')",
    ),
    found(
        "a user mapping is gone",
        "missing user mapping zoo_reader at zoo_elsewhere",
        "DROP USER MAPPING FOR zoo_reader SERVER zoo_elsewhere",
    ),
)
