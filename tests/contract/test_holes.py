"""Acknowledgement order is not commit order: real snapshots of a busy shop must raise no false hole."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence

from tests.contract.conftest import Live

from blackstart.activities.customers import Customers
from blackstart.checkers import timed_set
from blackstart.checkers.timed_set import Read
from blackstart.ledger import Operation
from blackstart.loss import assess
from blackstart.seeding.scale import SCALES

SNAPSHOTS = 100
CUSTOMERS = 16


def test_a_hundred_snapshots_under_sixteen_customers_have_no_hole(live: Live) -> None:
    """Each snapshot lacks a tail of acknowledged orders, and never one that precedes an order it has."""
    reads = snapshots(live, SNAPSHOTS, within_s=60)
    operations = live.stage.writes.operations()

    assert len(reads) == SNAPSHOTS
    assert_no_false_alarm(operations, reads)
    _assert_a_real_hole_is_seen(operations)


def snapshots(live: Live, number: int, *, within_s: float) -> list[Read]:
    """Looks at the orders of a shop while customers are buying; they have come to rest afterwards."""
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
    reads: list[Read] = []
    try:
        with stage.shop.database() as connection:
            deadline = time.monotonic() + within_s
            while len(reads) < number and time.monotonic() < deadline:
                began_s = stage.writes.now()
                rows = connection.execute("SELECT op_id::text FROM orders WHERE op_id IS NOT NULL").fetchall()
                if rows:
                    elements = Counter(row[0] for row in rows)
                    reads.append(Read(began_s=began_s, ended_s=stage.writes.now(), elements=elements))
                time.sleep(0.03)  # spreads the snapshots; nothing is waited for
        customers.drain()
    finally:
        stop.set()
        thread.join(30)
    return reads


def assert_no_false_alarm(operations: Sequence[Operation], reads: Sequence[Read]) -> None:
    """Neither a snapshot alone nor all of them in a row are anything but healthy."""
    seen = [
        assess(operations, read.elements, store="database", began_s=0, lifted_s=float("inf"), t0_s=float("inf"))
        for read in reads
    ]
    history = timed_set.check([o for o in operations if o.op == "order"], reads)

    assert [loss.holes for loss in seen] == [()] * len(reads)
    assert sum(bool(loss.lost) for loss in seen) > len(reads) // 2, "the shop was not busy enough to prove anything"
    assert [loss.unexpected for loss in seen] == [()] * len(reads)
    assert ((), (), {}) == (history.lost, history.stale, history.duplicated)


def _assert_a_real_hole_is_seen(operations: Sequence[Operation]) -> None:
    """An acknowledged order taken out of the middle of what is there comes out as a hole."""
    orders = [o for o in operations if o.op == "order" and o.acknowledged]
    gone = orders[len(orders) // 2]
    ids = {o.id for o in orders} - {gone.id}
    seen = assess(operations, ids, store="database", began_s=0, lifted_s=float("inf"), t0_s=float("inf"))

    assert seen.holes == (gone.id,)
