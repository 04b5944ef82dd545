"""A stack may only let customers change tables whose rows the ledger explains."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.builders import DELETE, SCENARIOS, shop

from blackstart import load, plan
from blackstart.errors import InputRefused
from blackstart.observe import survivors
from blackstart.stack import EXPLAINED, Change


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("public.refunds", "insert-only"),
        ("public.refunds", "updated"),
        ("public.orders", "updated"),
        ("public.inventory", "insert-only"),
    ],
)
def test_a_table_that_nobody_explains_is_refused(table: str, change: Change) -> None:
    """Checksums would pass over its rows, and the ledger does not know them."""
    scenario, source = load.scenario(SCENARIOS / f"{DELETE}.yaml")
    stack = replace(shop(), tables={**shop().tables, table: change})

    with pytest.raises(InputRefused) as refused:
        plan.require_sound(scenario, source, stack, refusals=())
    (problem,) = refused.value.problems
    assert f"ecommerce lets customers change {table} ({change})" in problem.what


def test_a_table_that_nobody_changes_needs_no_explanation() -> None:
    """It is compared row by row; so is one of the known ones that is declared so."""
    scenario, source = load.scenario(SCENARIOS / f"{DELETE}.yaml")
    stack = replace(shop(), tables={**shop().tables, "public.refunds": "fixed", "public.uploads": "fixed"})

    assert ("database",) == plan.require_sound(scenario, source, stack, refusals=())


def test_the_known_tables_are_those_that_the_ledgers_queries_read() -> None:
    """All that customers of the shop that ships change, and nothing that no query reads."""
    queries = survivors._ORDERS + survivors._STRAYS + survivors._UPLOADS + survivors._STOCK

    assert dict(EXPLAINED) == {name: kind for name, kind in shop().tables.items() if kind != "fixed"}
    assert all(f" {name.removeprefix('public.')} " in queries.replace("\n", " ") for name in EXPLAINED)
