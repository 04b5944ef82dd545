"""Pages that were spoilt on disk are found, and the relation is named; nothing is left in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.observe.healthy import Healthy, copy_of, make

from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.selftest.case import Case
from blackstart.selftest.cases.pages import CASES
from blackstart.selftest.matrix import line_of
from blackstart.shop import Shop


@pytest.fixture(scope="module")
def healthy(server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    """One healthy restored database."""
    made = make(server, tmp_path_factory.mktemp("healthy"))
    yield made
    made.ledger.close()


@pytest.fixture
def fresh(healthy: Healthy) -> Healthy:
    """With a fresh copy."""
    healthy.renew()
    return healthy


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_case(case: Case, fresh: Healthy, tmp_path: Path) -> None:
    """Found and named by the check that it names; or, if it is healthy, left alone."""
    case.plant(copy_of(fresh.shop, tmp_path))
    line = line_of(case, "pages", fresh.observe("row-counts", "checksums", "physical", case=case), {}, 0.0)

    assert line.word == ("left alone" if line.healthy else "found and named"), line.red


def seen(healthy: Healthy) -> dict[str, Observation]:
    """What the check saw, by subject."""
    return {each.subject: each for each in healthy.observe("physical")}


def test_a_sound_database(fresh: Healthy) -> None:
    """Everything is looked at, and neither the extension nor its schema stays."""
    found = seen(fresh)
    with fresh.shop.database() as connection:
        left = connection.execute(
            "SELECT extname::text FROM pg_extension WHERE extname = 'amcheck'"
            " UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'blackstart%'"
        ).fetchall()

    assert {"pass"} == {outcome(each) for each in found.values()}
    assert {"page checksums", "pages on disk", "public.orders", 'shapes."no key"', "shapes.summary"} <= found.keys()
    assert [] == left


def test_an_index_that_lost_a_row(fresh: Healthy) -> None:
    """A heap and an index that are each in order, but not of one mind, as after a repair gone wrong."""
    with fresh.shop.database() as connection:
        connection.execute("UPDATE pg_index SET indisready = false WHERE indexrelid = 'shapes.paged_body'::regclass")
        connection.execute("INSERT INTO shapes.paged VALUES (9999, 'in the table only')")
        connection.execute("UPDATE pg_index SET indisready = true WHERE indexrelid = 'shapes.paged_body'::regclass")

    found = seen(fresh)

    assert "fail" == outcome(found["shapes.paged"])
    assert "index paged_body of table shapes.paged: heap tuple" in found["shapes.paged"].differences[0]
    assert "pass" == outcome(found["pages on disk"])


def test_a_page_that_no_base_backup_checks(fresh: Healthy, tmp_path: Path) -> None:
    """Its LSN is beyond the log: it is named, once, and nothing else is."""
    (case,) = (case for case in CASES if case.what == "a page of an index that is no B-tree was overwritten")
    case.plant(copy_of(fresh.shop, tmp_path))
    found = seen(fresh)
    (said,) = found["pages on disk"].differences

    assert said.startswith("index products_tags_idx of table public.products (base/")
    assert said.endswith("block 1 has an LSN beyond the log")
    assert ["pages on disk"] == [subject for subject, each in found.items() if outcome(each) == "fail"]


def test_amcheck_that_is_there_already_is_used(fresh: Healthy) -> None:
    """Wherever it is, and it stays."""
    with fresh.shop.database() as connection:
        connection.execute('CREATE SCHEMA "of mine"; CREATE EXTENSION amcheck SCHEMA "of mine"')
    found = seen(fresh)
    with fresh.shop.database() as connection:
        row = connection.execute("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'").fetchone()

    assert {"pass"} == {outcome(each) for each in found.values()}
    assert (1,) == row


def test_neither_triggers_on_ddl_nor_a_read_only_database_are_in_the_way(fresh: Healthy) -> None:
    """Both are the shop's own business."""
    with fresh.shop.database() as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no DDL'; END $$;"
            " CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION refuse()"
        )
        connection.execute("ALTER DATABASE shop SET default_transaction_read_only = on")

    assert {"pass"} == {outcome(each) for each in seen(fresh).values()}


def test_a_server_without_page_checksums_is_seen(fresh: Healthy) -> None:
    """It was made with them: a restore into a server that has none lost a protection."""
    content = fresh.backup.manifest.database
    assert content is not None
    manifest = replace(fresh.backup.manifest, database=replace(content, page_checksums="off"))
    found = seen(replace(fresh, backup=replace(fresh.backup, manifest=manifest)))

    assert "fail" == outcome(found["page checksums"])
