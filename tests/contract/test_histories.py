"""What checks make of histories on a live shop: looks one after the other, and a log that was damaged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.conftest import Live

from blackstart import readings
from blackstart.activities.customers import Customers
from blackstart.backups import Backup, Manifest
from blackstart.checkers.append_log import Frame, encode
from blackstart.checks.append_log import NAME_IN_VOLUME, AppendLog
from blackstart.checks.base import run
from blackstart.checks.ledger import LedgerCheck
from blackstart.engines.base import DeletesVolumes
from blackstart.evidence import Observation
from blackstart.faults.down_volumes import DownVolumes
from blackstart.judge import outcome
from blackstart.readings import Reading
from blackstart.scenario import Fault
from blackstart.seeding.scale import SCALES
from blackstart.waiting import poll

ORDERS, UPLOADS = 12, 4


@pytest.fixture(scope="module")
def traded(live: Live) -> Live:
    """The shop after customers have bought and uploaded."""
    stage = live.stage
    customers = Customers(
        stage.shop.urls,
        SCALES["small"],
        seed=3,
        customers=4,
        operations_per_second=60,
        writes=stage.writes,
        reads=stage.reads,
    )
    stop = threading.Event()
    thread = threading.Thread(target=customers.run, args=(stop,))
    thread.start()

    def enough() -> bool:
        done = [o.op for o in stage.writes.operations() if o.acknowledged]
        return done.count("order") >= ORDERS and done.count("upload") >= UPLOADS

    try:
        assert poll(enough, within_s=60)
        customers.drain()
    finally:
        stop.set()
        thread.join(30)
    return live


def look(live: Live, **more: Any) -> dict[str, Observation]:
    """What the ledger's check observes, by subject."""
    scene = live.stage.scene(live.seed, **{"stage": "final", **more})
    return {seen.subject: seen for seen in run(LedgerCheck, scene)}


def newest(live: Live) -> Reading:
    """A reading of the shop as it is."""
    look(live, stage="gate")
    return readings.parse((live.stage.evidence / "survivors-gate.json").read_text())


def red(seen: dict[str, Observation]) -> dict[str, tuple[str, ...]]:
    """The differences of each observation that is not green."""
    return {subject: tuple(each.differences) for subject, each in seen.items() if outcome(each) != "pass"}


def test_looks_that_follow_each_other_are_green(traded: Live) -> None:
    """A shop at rest is what it was, and every store was looked at."""
    earlier = newest(traded)
    seen = look(traded, readings={"gate": earlier, "verify": earlier})

    assert {} == red(seen)
    assert {"database", "uploads", "cache", "totals", "numbers", "stock"} == seen.keys()
    assert len(earlier.elements["database"]) >= ORDERS
    assert len(earlier.elements["uploads"]) >= UPLOADS


def test_what_was_missing_and_is_there_again_is_named(traded: Live) -> None:
    """An order that a look behind the fence did not find, and that nobody placed since."""
    earlier = newest(traded)
    gone = next(o.id for o in traded.stage.writes.operations() if o.op == "order" and o.acknowledged)
    orders = {op: n for op, n in earlier.elements["database"].items() if op != gone}
    without = replace(earlier, elements={**earlier.elements, "database": orders})

    assert {"database": (f"{gone} is there again, which an earlier look did not find",)} == red(
        look(traded, readings={"verify": without})
    )


def test_what_a_look_held_and_the_next_one_does_not_is_lost(traded: Live) -> None:
    """Also an order whose customer got no clear answer: it had been seen."""
    earlier, writes = newest(traded), traded.stage.writes
    unsure = writes.invoke(0, "database", "order", {"customer_id": 1, "items": []})
    writes.complete(unsure, "info", {"last": "timeout"})
    held = replace(earlier, elements={**earlier.elements, "database": {**earlier.elements["database"], unsure.id: 1}})

    assert {"database": (f"acknowledged and lost: {unsure.id} (last seen at {earlier.began_s:.3f} s)",)} == red(
        look(traded, readings={"gate": held})
    )
    assert {} == red(look(traded, readings={"verify": earlier}))


def version_of(reading: Reading, product: str, version: int) -> Reading:
    """The reading with another version of a product."""
    _, stock = reading.inventory[product]
    return replace(reading, inventory={**reading.inventory, product: (version, stock)})


def backup_at(moment: float, folder: Any) -> Backup:
    """A backup of the database as of a moment; nothing is in it."""
    manifest = Manifest(
        id="one",
        run_id="x",
        cycle=1,
        role="database",
        procedure="pg-dump",
        started_s=moment,
        snapshot_s=moment,
        completed_s=moment,
        completed_at="",
        bytes=0,
        sha256="",
    )
    return Backup(folder=folder, manifest=manifest)


def test_a_version_goes_back_by_a_restore_and_by_nothing_else(traded: Live, tmp_path: Any) -> None:
    """An earlier look saw a later version: right if a backup from before that look was restored, else wrong."""
    first, second = newest(traded), newest(traded)
    version = first.inventory["5"][0]
    ahead = version_of(first, "5", version + 3)
    line = f"inventory of product 5: version went back: {version + 3} → {version}"

    def after(point_s: float) -> dict[str, tuple[str, ...]]:
        backup = backup_at(point_s, tmp_path)
        return red(look(traded, readings={"gate": ahead, "verify": second}, restored={"database": backup}))

    assert {"stock": (line,)} == red(look(traded, readings={"gate": ahead}))
    assert {"stock": (line,)} == after((first.ended_s + second.began_s) / 2)
    assert {} == after(first.began_s)


def test_a_restore_brings_back_at_least_its_point(traded: Live, tmp_path: Any) -> None:
    """What was acknowledged before the backup's snapshot counts: a stale database is older than that."""
    earlier = newest(traded)
    sold = next(str(o.value["items"][0]["product_id"]) for o in traded.stage.writes.operations() if o.op == "order")
    version = earlier.inventory[sold][0]
    stale = version_of(earlier, sold, version - 1)
    seen = look(traded, readings={"verify": stale}, restored={"database": backup_at(earlier.began_s, tmp_path)})

    assert (
        f"inventory of product {sold}: version {version - 1} is older than the restore's point,"
        f" which had at least {version}" in red(seen)["stock"]
    )


def test_numbers_of_lost_orders_that_were_issued_again_are_a_warning(traded: Live) -> None:
    """A lost order had the number that a surviving one has: its customer holds it still."""
    writes = traded.stage.writes
    kept = next(o for o in writes.operations() if o.op == "order" and o.acknowledged)
    lost = writes.invoke(0, "database", "order", kept.value)
    writes.complete(lost, "ok", kept.result)
    seen = look(traded)["numbers"]
    traded.stage.writes._operations.pop(lost.id)

    said = f"number {kept.result['order_id']} of the lost order {lost.id} was issued again, to {kept.id}"
    assert ("pass", (said,)) == (outcome(seen), seen.warnings)


@contextmanager
def damaged(live: Live, change: Callable[[bytes], bytes]) -> Iterator[None]:
    """The shop's log with other bytes while nobody writes to it."""
    shop = live.stage.shop
    engine, volume = shop.engine, shop.volume("app")
    assert isinstance(engine, DeletesVolumes)
    engine.stop(shop.service("app"))
    content = engine.find(volume, NAME_IN_VOLUME)
    assert content is not None
    engine.plant(volume, NAME_IN_VOLUME, change(content))
    try:
        yield
    finally:
        engine.plant(volume, NAME_IN_VOLUME, content)
        engine.start(shop.service("app"))


def log_of(live: Live, stage: str = "gate", *, faults: tuple[Fault, ...] = ()) -> Observation:
    """What the log's check observes in a scenario with these faults."""
    scene, plan = live.stage.scene(live.seed, stage=stage), live.stage.plan
    plan = replace(plan, scenario=replace(plan.scenario, faults=faults))
    (seen,) = run(AppendLog, replace(scene, shop=replace(scene.shop, plan=plan)))
    return seen


def frames(content: bytes) -> list[bytes]:
    """The log, frame by frame."""
    return [b"\x1e" + piece for piece in content.split(b"\x1e")[1:]]


def test_a_sound_log_is_green(traded: Live) -> None:
    """While the shop runs and serves."""
    assert ("pass", (), ()) == (outcome(log_of(traded)), log_of(traded).differences, log_of(traded).warnings)


LOGS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "overwritten": (lambda log: log[:-8] + b"?" + log[-7:], "overwritten: frame "),
    "torn in the middle": (lambda log: b"".join([*frames(log)[:3], frames(log)[3][:-9], *frames(log)[4:]]), "torn mid"),
    "zero-filled": (lambda log: log + bytes(512), "zero-filled: at byte "),
    "a frame missing": (lambda log: b"".join([*frames(log)[:3], *frames(log)[4:]]), "missing: frame 4 of writer "),
    "another run's": (lambda log: log + encode(Frame(run="x", writer="w", sequence=1, payload=b"{}")), "foreign: "),
    "nobody's": (lambda log: log + b"hello\n", "foreign: at byte "),
    "written twice": (lambda log: log + frames(log)[2], "duplicate: frame 3 of writer "),
}


@pytest.mark.parametrize("what", LOGS)
def test_a_damaged_log_is_red(what: str, traded: Live) -> None:
    """Each kind of damage is named, and healed it is gone."""
    change, said = LOGS[what]
    with damaged(traded, change):
        seen = log_of(traded)

    assert "fail" == outcome(seen)
    assert any(line.startswith(said) for line in seen.differences), seen.differences
    assert "pass" == outcome(log_of(traded))


def test_a_torn_tail_is_a_warning(traded: Live) -> None:
    """As a kill may leave it; whoever starts again goes on behind it."""
    with damaged(traded, lambda log: log[:-5]):
        seen = log_of(traded)

    assert ("pass", ()) == (outcome(seen), seen.differences)
    assert [line.partition(":")[0] for line in seen.warnings] == ["torn tail"]


def test_a_log_that_is_gone_with_its_volume_began_anew(traded: Live) -> None:
    """A log of other writers alone is another log, which nobody restores; one that lost some frames is wrong."""
    log_of(traded)
    with damaged(traded, lambda _: encode(Frame(run=traded.stage.plan.run_id, writer="new", sequence=1, payload=b""))):
        anew = log_of(traded, "final", faults=(DownVolumes(),))
        stolen = log_of(traded, "final")
    with damaged(traded, lambda log: frames(log)[0]):
        cut = log_of(traded, "final")
    with damaged(traded, lambda _: b""):
        empty = log_of(traded, "final")

    assert ("pass", 1) == (outcome(anew), len(anew.warnings))
    assert ("fail", ("the log began anew, and no fault took its volume",)) == (outcome(stolen), stolen.differences)
    assert "fail" == outcome(cut)
    assert any(line.startswith("missing: frames 2 to ") for line in cut.differences)
    assert "fail" == outcome(empty)


def test_a_shop_without_a_log_is_red(traded: Live) -> None:
    """It has served requests, so there must be one."""
    shop = traded.stage.shop
    engine, volume = shop.engine, shop.volume("app")
    assert isinstance(engine, DeletesVolumes)
    engine.stop(shop.service("app"))
    engine.delete_volume(volume)
    engine.create_volume(volume)
    seen = log_of(traded)
    engine.start(shop.service("app"))

    assert ("fail", "no log") == (outcome(seen), seen.actual)
