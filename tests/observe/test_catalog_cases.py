"""Whatever is defined, owned, granted or set otherwise than before is found and named; what is not, is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.observe.healthy import Healthy, copy_of, make

from blackstart.observe import catalog as reader
from blackstart.selftest.case import Case
from blackstart.selftest.cases import (
    catalog,
    catalog_code,
    catalog_rights,
    catalog_rules,
    catalog_types,
    sequences,
)
from blackstart.selftest.matrix import line_of
from blackstart.shop import Shop

MODULES = (catalog, catalog_code, catalog_rights, catalog_rules, catalog_types, sequences)
CASES = [case for module in MODULES for case in module.CASES]


@pytest.fixture(scope="module")
def healthy(server: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    """One healthy restored database, of a shop with the zoo."""
    made = make(server, tmp_path_factory.mktemp("healthy"))
    yield made
    made.ledger.close()


def test_a_restored_database_is_as_it_was(healthy: Healthy) -> None:
    """Dumped and restored, no object of the zoo differs, although the server writes many of them otherwise."""
    healthy.renew()

    assert healthy.red("catalog", "sequences") == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_case(case: Case, healthy: Healthy, tmp_path: Path) -> None:
    """Found and named by the check that it names; or, if it is healthy, left alone."""
    healthy.renew()
    case.plant(copy_of(healthy.shop, tmp_path))
    try:
        line = line_of(case, "catalog", healthy.observe("catalog", "sequences", case=case), {}, 0.0)
    finally:
        heal(healthy.shop, case)

    assert line.word == ("left alone" if line.healthy else "found and named"), line.red


def heal(shop: Shop, case: Case) -> None:
    """What a case did to the server as a whole."""
    with shop.database("postgres") as admin:
        for statement in filter(None, case.heal.split(";")):
            admin.execute(statement.encode())


def test_the_zoo_has_one_of_each(healthy: Healthy) -> None:
    """Every class of object is in the zoo, but those that cannot be dumped and restored there."""
    manifest = healthy.backup.manifest.database
    assert manifest is not None
    empty = {kind for kind in reader.queries() if not manifest.catalog[kind]}

    assert {"security labels", "subscriptions"} == empty
