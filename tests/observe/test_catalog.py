"""The catalog is read without a trace, and two texts of one definition are told from two definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest
from pydantic import TypeAdapter
from tests.observe.conftest import Connects
from tests.observe.healthy import Healthy, make

from blackstart.catalog_differences import changes
from blackstart.checks.base import run
from blackstart.checks.catalog import Catalog
from blackstart.evidence import DatabaseFingerprint, Facts
from blackstart.judge import outcome
from blackstart.observe import catalog, replay
from blackstart.observe import database as observe_database
from blackstart.shop import Shop

TABLE = "CREATE TABLE public.t (kind varchar(9), n integer)"
WRITTEN = "((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"
RESTORED = "((kind)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))"
OTHER = "((kind)::text = ANY (ARRAY[('a'::character varying)::text, ('c'::character varying)::text]))"


@pytest.fixture(scope="module")
def healthy(server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    """One healthy restored database, of a shop with the zoo."""
    made = make(server, tmp_path_factory.mktemp("healthy"))
    yield made
    made.ledger.close()


def test_reading_leaves_a_transaction_as_it_was(database: Connects) -> None:
    """It may be one that cannot write; its search path is not touched."""
    with database(autocommit=False) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SET LOCAL search_path = public, pg_catalog")
        found = catalog.read(connection)
        path = connection.execute("SHOW search_path").fetchone()

    assert ("public, pg_catalog",) == path
    assert {"owner": "pg_database_owner"} == found["schemas"]["public"]


def test_a_reading_can_be_kept(database: Connects) -> None:
    """A manifest is JSON; what is read from it is what was written."""
    with database() as connection:
        connection.execute(TABLE.encode())
        connection.execute("CREATE SEQUENCE s")
    with database(autocommit=False) as connection:
        found = observe_database.fingerprint(connection)
    kept = TypeAdapter(DatabaseFingerprint).validate_json(json.dumps(asdict(found)))

    assert found == kept
    assert "varchar" not in json.dumps(kept.catalog["columns"]["public.t.kind"])
    assert "character varying(9)" == kept.catalog["columns"]["public.t.kind"]["type"]


def test_an_index_of_a_partitioned_table_is_missed_although_it_was_not_yet_valid(database: Connects) -> None:
    """A dump holds it, unlike an invalid index of a table, which is excused."""
    with database() as connection:
        connection.execute("CREATE TABLE t (n integer) PARTITION BY LIST (n)")
        connection.execute("CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)")
        connection.execute("CREATE INDEX whole ON ONLY t (n)")
        connection.execute("CREATE INDEX part ON t1 (n)")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'part'::regclass")
    with database(autocommit=False) as connection:
        before = catalog.read(connection)["indexes"]
    with database() as connection:
        connection.execute("DROP INDEX whole, part")
    with database(autocommit=False) as connection:
        found = list(changes(before, catalog.read(connection).get("indexes", {})))

    assert {"public.part": True, "public.whole": False} == {change.object: change.harmless for change in found}


def test_no_secret_is_read(database: Connects, healthy: Healthy) -> None:
    """Passwords of roles, of user mappings, of subscriptions; settings that are called so."""
    healthy.renew()
    with database() as connection:
        connection.execute("ALTER DATABASE shop SET zoo.api_key = 'not-in-any-report'")
        connection.execute(
            "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 password=not-in-any-report' PUBLICATION p"
            " WITH (connect = false, slot_name = NONE, enabled = false, create_slot = false)"
        )
    with database(autocommit=False) as connection:
        found = json.dumps(catalog.read(connection))
    with database() as connection:
        connection.execute("DROP SUBSCRIPTION s")

    assert "(hidden)" in found
    assert "not-in-any-report" not in found
    assert "SCRAM" not in found


@pytest.mark.parametrize(
    ("kind", "fact", "facts"),
    [
        ("constraints", "check", {"table": "public.t", "check": "{}"}),
        ("columns", "default", {"table": "public.t", "default": "{}"}),
        ("indexes", "keys", {"table": "public.t", "keys": "n, {}"}),
        ("indexes", "where", {"table": "public.t", "where": "{}"}),
        ("policies", "using", {"table": "public.t", "using": "(EXISTS (SELECT 1 FROM public.t WHERE {}))"}),
        ("triggers", "when", {"table": "public.t", "when": "(new.n > old.n) AND new.{}"}),
        ("domain constraints", "check", {"type": "character varying(9)", "check": "{}"}),
        ("views", "query", {"query": " SELECT t.n FROM public.t WHERE {};"}),
        (
            "rules",
            "rule",
            {
                "table": "public.t",
                "rule": "CREATE RULE r AS ON UPDATE TO public.t WHERE new.{} DO INSTEAD UPDATE public.t SET n = 0;",
            },
        ),
        (
            "functions",
            "sql body",
            {"arguments": "kind character varying", "returns": "boolean", "sql body": "RETURN {}"},
        ),
        (
            "functions",
            "arguments",
            {"arguments": "b boolean DEFAULT {}", "returns": "boolean"},
        ),
    ],
)
def test_the_server_is_asked_what_a_text_means(kind: str, fact: str, facts: Facts, database: Connects) -> None:
    """One definition in the words of before and after a restore; another one; and one that nobody understands."""

    def filled(text: str) -> Facts:
        if fact in ("when", "rule"):
            text = text.replace("((kind)::text", "kind::text").removesuffix(")")
        if kind == "domain constraints":
            text = text.replace("kind", "VALUE")
        if fact == "arguments":
            text = text.replace("kind", "'a'::character varying")
        return {name: value.format(text) for name, value in facts.items()}

    with database() as connection:
        connection.execute(TABLE.encode())
    with database(autocommit=False) as connection:
        same = replay.same(connection, kind, fact, filled(WRITTEN), filled(RESTORED))
        different = replay.same(connection, kind, fact, filled(WRITTEN), filled(OTHER))
        nonsense = replay.same(connection, kind, fact, filled(WRITTEN), filled("kind === kind"))
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'replayed'").fetchone()

    assert (True, False, False) == (same, different, nonsense)
    assert (0,) == left


def test_other_facts_are_not_asked_about(database: Connects) -> None:
    """Two owners are two owners."""
    with database(autocommit=False) as connection:
        assert not replay.same(connection, "tables", "owner", {"owner": "a"}, {"owner": "b"})


def test_an_event_trigger_that_forbids_everything_does_not_keep_us_from_asking(database: Connects) -> None:
    """It is the shop's; what is made here is unmade before anybody sees it."""
    with database() as connection:
        connection.execute(TABLE.encode())
        connection.execute("CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$")
        connection.execute("CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION no()")
    with database(autocommit=False) as connection:
        facts = {"table": "public.t", "check": WRITTEN}

        assert replay.same(connection, "constraints", "check", facts, {**facts, "check": RESTORED})


def test_a_manifest_without_a_catalog_is_no_pass(healthy: Healthy) -> None:
    """Who knows nothing finds nothing."""
    healthy.renew()
    bare = replace(healthy.seed.database, catalog={})
    unknown = replace(healthy, seed=replace(healthy.seed, database=bare))
    scene = replace(unknown.scene(), restored={})

    assert ["error"] == [outcome(seen) for seen in run(Catalog, scene)]
