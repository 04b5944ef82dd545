"""Rows that were spoilt on purpose are found and named, with the source gone and with the source there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.observe.healthy import HEALTHY, Healthy, copy_of, make

from blackstart.checks.base import run
from blackstart.judge import outcome
from blackstart.observe import rows, tables
from blackstart.registry import checks
from blackstart.selftest.case import Case
from blackstart.selftest.cases.rows import CASES
from blackstart.selftest.matrix import line_of
from blackstart.shop import Shop

CHECKS = ("row-counts", "checksums")


@pytest.fixture(scope="module")
def healthy(server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    """One healthy restored database."""
    made = make(server, tmp_path_factory.mktemp("healthy"))
    yield made
    made.ledger.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_case(case: Case, healthy: Healthy, tmp_path: Path) -> None:
    """Found and named by the check that it names; or, if it is healthy, left alone."""
    healthy.renew()
    case.plant(copy_of(healthy.shop, tmp_path))
    line = line_of(case, "rows", healthy.observe(*CHECKS, case=case), {}, 0.0)

    assert line.word == ("left alone" if line.healthy else "found and named"), line.red


def changes(healthy: Healthy, table: str) -> list[str]:
    """What differs between the healthy database and its spoilt copy, row by row."""
    manifest = healthy.backup.manifest.database
    assert manifest is not None
    with healthy.shop.database(HEALTHY) as source, healthy.shop.database() as copy:
        found = next(each for each in tables.tables(source) if each.qualified == table)
        return [str(change) for change in rows.differing(source, copy, found, manifest.tables[table])]


@pytest.mark.parametrize(
    ("table", "statement", "lines"),
    [
        pytest.param("public.reviews", "SELECT 1", [], id="equal"),
        pytest.param(
            "shapes.dropped",
            "UPDATE shapes.dropped SET kept = 'new', late = NULL WHERE id IN (4, 8)",
            [f"changed row: id = '{n}'; kept: 'kept {n}' → 'new'; late: '7' → NULL" for n in (4, 8)],
            id="changed",
        ),
        pytest.param(
            "shapes.by_text",
            "UPDATE shapes.by_text SET code = 'code 99' WHERE code = 'code 9'",
            ["extra row: code = 'code 99'", "missing row: code = 'code 9'"],
            id="another-key",
        ),
        pytest.param(
            'shapes."no key"',
            """DELETE FROM shapes."no key" WHERE what = 'twice'""",
            ["missing row: what = 'twice', when = '2026-01-01 00:00:00+00', amount = '1.00'"] * 2,
            id="equal-rows",
        ),
        pytest.param(
            'shapes."no key"',
            """UPDATE shapes."no key" SET amount = amount + 1 WHERE what = 'thing 7' AND amount = 1.75""",
            [
                f"{what} row: what = 'thing 7', when = '2026-01-01 00:00:07+00', amount = '{amount}'"
                for what, amount in (("extra", "2.75"), ("missing", "1.75"))
            ],
            id="without-a-key",
        ),
        pytest.param(
            "shapes.toasted",
            "UPDATE shapes.toasted SET bytes = set_byte(bytes, 0, 7) WHERE id = 2",
            ["changed row: id = '2'; bytes: "],
            id="long",
        ),
    ],
)
def test_beside_the_source(table: str, statement: str, lines: list[str], healthy: Healthy) -> None:
    """Each differing row, and of a changed one what the columns held before and hold now, shortened."""
    healthy.renew()
    with healthy.shop.database() as copy:
        copy.execute(statement.encode())

    found = sorted(changes(healthy, table))

    assert [line[: len(start)] for line, start in zip(found, lines, strict=True)] == lines
    assert all(len(line) < 300 for line in found)


def test_many_rows_are_each_told_apart_beside_the_source(healthy: Healthy) -> None:
    """Also where buckets have several differing rows, which their sums alone cannot name."""
    healthy.renew()
    with healthy.shop.database() as copy:
        copy.execute("UPDATE reviews SET rating = 6 - rating WHERE review_id <= 400 AND rating <> 3")
        row = copy.execute("SELECT count(*) FROM reviews WHERE review_id <= 400 AND rating <> 3").fetchone()
        assert row is not None

    assert row[0] == len(set(changes(healthy, "public.reviews")))
    assert any("several rows: in bucket" in line for line in healthy.red("checksums"))


def test_what_is_left_of_a_bucket_is_shown(healthy: Healthy) -> None:
    """Where sums have no single explanation, a person gets the keys that are there to look into."""
    healthy.renew()
    with healthy.shop.database() as copy:
        copy.execute("UPDATE shapes.generated SET net = net + 1")

    (said,) = healthy.red("checksums")

    assert "several rows: in bucket" in said
    assert "there now: id = '" in said


def test_a_manifest_of_another_method_is_no_comparison(healthy: Healthy) -> None:
    """Neither another algorithm's sums nor another server's are compared in silence."""
    healthy.renew()
    content = healthy.backup.manifest.database
    assert content is not None
    for other in (replace(content, algorithm="wire-form/1"), replace(content, server="16.4")):
        manifest = replace(healthy.backup.manifest, database=other)
        changed = replace(healthy, backup=replace(healthy.backup, manifest=manifest))
        (seen,) = changed.observe("checksums")

        assert outcome(seen) == "error"
        assert "cannot be compared" in seen.error


def test_only_a_crash_of_the_database_empties_an_unlogged_table(healthy: Healthy) -> None:
    """Where nothing struck the database, an empty one is a loss."""
    healthy.renew()
    with healthy.shop.database() as connection:
        connection.execute("TRUNCATE shapes.unlogged")
    outcomes = {}
    for crashed in (True, False):
        scene = healthy.scene(restored=False, crashed=crashed)
        seen = [each for name in ("row-counts", "checksums") for each in run(checks()[name], scene)]
        outcomes[crashed] = [outcome(each) for each in seen if each.subject == "shapes.unlogged"]

    assert {True: ["pass", "pass"], False: ["fail", "fail"]} == outcomes


def test_checksums_alone_miss_no_table(healthy: Healthy) -> None:
    """Whatever other check a scenario leaves out."""
    healthy.renew()
    with healthy.shop.database() as connection:
        connection.execute("DROP TABLE crm.page_views")

    assert any("missing table: crm.page_views" in line for line in healthy.red("checksums"))
