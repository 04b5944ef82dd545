"""The shop's invariants hold in every state that a customer can see, and a query that cannot run is no pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.contract.conftest import Live

from blackstart import registry
from blackstart.activities.customers import Customers
from blackstart.checks import invariants
from blackstart.checks.base import run
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.seeding.scale import SCALES
from blackstart.stack import Invariant

SNAPSHOTS = 50
CUSTOMERS = 8


def looked(live: Live, declared: Mapping[str, Invariant] | None = None) -> list[Observation]:
    """What the check observes, of the stack's own invariants or of others."""
    stage = live.stage
    stack = replace(stage.plan.stack, invariants=stage.plan.stack.invariants if declared is None else declared)
    shop = replace(stage.shop, plan=replace(stage.plan, stack=stack))
    return run(registry.checks()["invariants"], replace(stage.scene(live.seed, stage="gate"), shop=shop))


def test_they_hold_in_every_snapshot_of_a_busy_shop(live: Live) -> None:
    """Fifty times while customers order, so that no healthy drill is ever called wrong."""
    stage = live.stage
    customers = Customers(
        stage.shop.urls,
        SCALES["small"],
        seed=11,
        customers=CUSTOMERS,
        operations_per_second=120,
        writes=stage.writes,
        reads=stage.reads,
    )
    stop = threading.Event()
    thread = threading.Thread(target=customers.run, args=(stop,))
    thread.start()
    found: list[Observation] = []
    try:
        deadline = time.monotonic() + 120
        number = 0
        while number < SNAPSHOTS and time.monotonic() < deadline:
            if any(o.op == "order" and o.acknowledged for o in stage.writes.operations()):
                found += looked(live)
                number += 1
        customers.drain()
    finally:
        stop.set()
        thread.join(30)

    assert SNAPSHOTS * len(stage.plan.stack.invariants) == len(found)
    assert [] == [(seen.subject, seen.differences, seen.error) for seen in found if outcome(seen) != "pass"]
    assert sum(o.op == "order" and o.acknowledged for o in stage.writes.operations()) > CUSTOMERS


QUERY = "SELECT order_id, total, customer_id, status, currency FROM orders WHERE order_id <= {}"


def test_rows_are_counted_and_the_first_ones_named(live: Live) -> None:
    """By their first columns; what is not listed is counted all the same."""
    why = "these are only examples"
    few, many = looked(
        live, {"few": Invariant(sql=QUERY.format(2), why=why), "many": Invariant(sql=QUERY.format(30), why=why)}
    )

    assert ["fail", "fail"] == [outcome(few), outcome(many)]
    assert {"rows that break it": 2} == few.actual
    assert "order_id = 1, total = " in few.differences[0]
    assert "currency" not in few.differences[0]
    assert few.differences[0].endswith(why)
    assert (30, 20) == (many.differing, len(many.differences))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT nothing FROM nowhere", "UndefinedTable"),
        ("SELEC 1", "SyntaxError"),
        ("SELECT 1; SELECT 2", "SyntaxError"),
        ("DELETE FROM orders RETURNING order_id", "SyntaxError"),
        ("SELECT nextval('orders_order_id_seq')", "ReadOnlySqlTransaction"),
        ("SELECT 1 / 0", "DivisionByZero"),
    ],
)
def test_a_query_that_cannot_run_is_no_pass(query: str, said: str, live: Live) -> None:
    """It is an error, named with its invariant; the next one is asked all the same."""
    first, second = looked(
        live, {"broken": Invariant(sql=query, why="w"), "sound": Invariant(sql="SELECT 1 WHERE false", why="w")}
    )

    assert ("broken", "error", "pass") == (first.subject, outcome(first), outcome(second))
    assert said in first.error


def test_a_query_that_takes_too_long_is_no_pass(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends at the timeout, and is no store that does not answer."""
    monkeypatch.setattr(invariants, "TIMEOUT_S", 1)
    (seen,) = looked(live, {"slow": Invariant(sql="SELECT pg_sleep(20)", why="w")})

    assert ("error", "QueryCanceled") == (outcome(seen), seen.error.partition(":")[0])


def test_a_stack_without_invariants_says_so(live: Live) -> None:
    """What was not asked is listed as not tested."""
    (seen,) = looked(live, {})

    assert ("not_applicable", "the stack declares no invariants") == (outcome(seen), seen.not_applicable)


def test_values_are_short(live: Live) -> None:
    """A long text does not drown the others."""
    declared = {"long": Invariant(sql="SELECT repeat('x', 500) AS text, 1 AS after", why="w")}
    (seen,) = looked(live, declared)
    (line,) = seen.differences

    assert line.startswith("text = xxx")
    assert ", after = 1: not so: w" in line
    assert len(line) < 80
