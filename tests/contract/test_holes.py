"""Acknowledgement order is not commit order: real snapshots of a busy shop must raise no false hole."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from tests.contract.conftest import Live

from blackstart.activities.customers import Customers
from blackstart.ledger import Operation
from blackstart.loss import assess
from blackstart.seeding.scale import SCALES

SNAPSHOTS = 100
CUSTOMERS = 16


def test_a_hundred_snapshots_under_sixteen_customers_have_no_hole(live: Live) -> None:
    """Each snapshot lacks a tail of acknowledged orders, and never one that precedes an order it has."""
    stage = live.stage
    customers = Customers(
        stage.shop.url,
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
    snapshots: list[frozenset[str]] = []
    try:
        with stage.shop.database() as connection:
            deadline = time.monotonic() + 60
            while len(snapshots) < SNAPSHOTS and time.monotonic() < deadline:
                rows = connection.execute("SELECT op_id::text FROM orders WHERE op_id IS NOT NULL").fetchall()
                if rows:
                    snapshots.append(frozenset(row[0] for row in rows))
                time.sleep(0.03)  # spreads the snapshots; nothing is waited for
        customers.drain()
    finally:
        stop.set()
        thread.join(30)
    operations = stage.writes.operations()
    seen = [
        assess(operations, ids, store="database", began_s=0, lifted_s=float("inf"), t0_s=float("inf"))
        for ids in snapshots
    ]

    assert len(seen) == SNAPSHOTS
    assert [loss.holes for loss in seen] == [()] * SNAPSHOTS
    assert sum(bool(loss.lost) for loss in seen) > SNAPSHOTS // 2, "the shop was not busy enough to prove anything"
    assert [loss.unexpected for loss in seen] == [()] * SNAPSHOTS

    _assert_a_real_hole_is_seen(operations)


def _assert_a_real_hole_is_seen(operations: Sequence[Operation]) -> None:
    """An acknowledged order taken out of the middle of what is there comes out as a hole."""
    orders = [o for o in operations if o.op == "order" and o.acknowledged]
    gone = orders[len(orders) // 2]
    ids = {o.id for o in orders} - {gone.id}
    seen = assess(operations, ids, store="database", began_s=0, lifted_s=float("inf"), t0_s=float("inf"))

    assert seen.holes == (gone.id,)
