"""What is planted is found, named and gone; a check that does not see it is found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from tests.observe.healthy import Healthy, make

from blackstart.checks import negative_control
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.observe import catalog, fingerprints, tables
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


def seen(healthy: Healthy) -> dict[str, Observation]:
    """What was observed, by what was planted."""
    found = healthy.observe("negative-control")
    return {each.subject.partition(" in ")[0].partition(":")[0] or "error": each for each in found}


def everything(healthy: Healthy) -> Any:
    """All rows and all definitions."""
    with healthy.shop.database() as connection:
        rows = {t.qualified: fingerprints.plain(connection, t) for t in tables.tables(connection)}
        return rows, catalog.read(connection)


def test_every_control_is_named_and_nothing_stays(fresh: Healthy) -> None:
    """Four controls and a look afterwards; no row, no definition and no sequence is another one."""
    before = everything(fresh)
    found = seen(fresh)

    assert {"a changed row", "a missing row", "a row twice", "a missing constraint", "afterwards"} == found.keys()
    assert {"pass"} == {outcome(each) for each in found.values()}, found
    assert "changed row: " in found["a changed row"].actual["checksums"]
    assert before == everything(fresh)


def test_it_never_waits_for_a_backup_that_reads_every_table(fresh: Healthy) -> None:
    """The backup's snapshot holds its locks until its dump is through, and the dump would wait behind us."""
    with fresh.shop.database(autocommit=False) as backup:
        for table in tables.tables(backup):
            fingerprints.plain(backup, table)
        found = seen(fresh)
        for table in tables.tables(backup):
            fingerprints.plain(backup, table)

    assert {"pass"} == {outcome(each) for each in found.values()}, found


def test_other_seeds_draw_other_rows(fresh: Healthy) -> None:
    """And each of them is found: the table, the row and the column do not matter."""
    subjects = set()
    for seed in range(12):
        shop = replace(fresh.shop, plan=replace(fresh.shop.plan, seed=seed))
        found = seen(replace(fresh, shop=shop))
        subjects.add(found["a changed row"].subject)

        assert [] == [each for each in found.values() if outcome(each) != "pass"]
    assert len(subjects) > 5


def test_triggers_and_rules_do_not_act(fresh: Healthy) -> None:
    """They might do what no rollback undoes; tables on which they would act even so are left alone."""
    with fresh.shop.database() as connection:
        connection.execute("CREATE SEQUENCE noticed")
        connection.execute(
            "CREATE FUNCTION notice() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM nextval('public.noticed'); RETURN NULL; END $$"
        )
        for number, table in enumerate(tables.tables(connection)):
            name = f"CREATE TRIGGER notice AFTER INSERT OR UPDATE OR DELETE ON {table.qualified}"
            connection.execute(f"{name} FOR EACH ROW EXECUTE FUNCTION public.notice()".encode())
            if number % 2:
                connection.execute(f"ALTER TABLE {table.qualified} ENABLE ALWAYS TRIGGER notice".encode())
    seen(fresh)
    with fresh.shop.database() as connection:
        row = connection.execute("SELECT is_called FROM noticed").fetchone()

    assert (False,) == row


def test_where_data_is_wrong_already_only_now_and_before_are_compared(fresh: Healthy) -> None:
    """A control in a table that has lost rows shows what it should, and does not fail for the loss."""
    with fresh.shop.database() as connection:
        connection.execute("SET session_replication_role = replica")
        for name in ("customers", "addresses", "products", "orders", "order_items", "payments", "reviews", "uploads"):
            connection.execute(f"DELETE FROM {name} WHERE ctid = (SELECT min(ctid) FROM {name})".encode())
    found = seen(fresh)

    assert {"pass"} == {outcome(each) for each in found.values()}, found


@pytest.mark.parametrize(
    ("judge", "blind", "subject"),
    [
        ("compare", lambda *_: ("", []), "a changed row"),
        ("compare", lambda *_: ("", ["changed row: another"]), "a missing row"),
        ("count", lambda *_: 7, "a row twice"),
        ("changes", lambda *_: iter(()), "a missing constraint"),
    ],
)
def test_a_blind_check_is_found_out(
    judge: str, blind: Any, subject: str, fresh: Healthy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control that stays green fails, and so does one that something else is said of."""
    monkeypatch.setattr(negative_control, judge, blind)

    assert "fail" == outcome(seen(fresh)[subject])


def test_a_connection_that_breaks_leaves_nothing(fresh: Healthy, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a control, after the row was spoilt."""
    before = everything(fresh)

    def breaks(connection: psycopg.Connection[Any], *_: Any) -> Any:
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(negative_control, "compare", breaks)
    found = fresh.observe("negative-control")

    assert ["fail"] == [outcome(each) for each in found]
    assert before == everything(fresh)


def test_a_control_that_would_stay_is_seen(fresh: Healthy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look afterwards compares the very tables that were spoilt."""
    plain = fingerprints.plain

    def committed(connection: psycopg.Connection[Any], table: Any, **more: Any) -> Any:
        if connection.autocommit and not table.key:  # the look afterwards
            connection.execute(f"DELETE FROM {table.qualified}".encode())
        return plain(connection, table, **more)

    monkeypatch.setattr(fingerprints, "plain", committed)

    assert "fail" == outcome(seen(fresh)["afterwards"])


def test_a_database_without_anything_to_spoil(fresh: Healthy) -> None:
    """What cannot be tried is said, and is no pass."""
    with fresh.shop.database() as connection:
        connection.execute('DROP SCHEMA public, crm, shapes, "shapes.odd", zoo CASCADE; CREATE SCHEMA public')
    found = seen(fresh)

    assert {"not_applicable"} == {outcome(each) for subject, each in found.items() if subject != "afterwards"}
