"""`ledger`: every acknowledged write is there or counted as lost, and every row is somebody's write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import psycopg

from blackstart import loss
from blackstart.checkers import counter, ids, register, timed_set, totals
from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, Stage
from blackstart.ledger import Operation
from blackstart.observe import survivors
from blackstart.observe.survivors import Survivors
from blackstart.readings import Reading
from blackstart.stack import STORES, Role

_NUMBERED: Mapping[Role, Literal["order", "upload"]] = {"database": "order", "uploads": "upload"}
"""Stores whose operations the shop gives numbers to, and what those number."""


class LedgerCheck:
    """A lost tail is not for this check to judge: the recovery point's objective says how much may be lost."""

    NAME: ClassVar[str] = "ledger"
    LAYER: ClassVar[int] = 12
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation a store, one each for the orders' totals and numbers, and one for the stock."""
        began_s = scene.writes.now()
        with scene.shop.database(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            stores = _stores(scene, connection)
            stock = survivors.stock(connection, scene.seed.stock)
            inventory = survivors.inventory(connection)
        reading = Reading(
            began_s=began_s,
            ended_s=scene.writes.now(),
            elements={store: found.elements for store, found in stores.items()},
            numbers={store: found.rows for store, found in stores.items() if store != "cache"},
            inventory=inventory,
        )
        (scene.evidence / f"survivors-{scene.stage}.json").write_text(reading.to_json())
        for store in STORES:
            yield _store(scene, store, stores[store], reading)
        yield _count(scene, "totals", "unbalanced", _unbalanced(stores["database"]))
        yield _numbers(scene, reading)
        yield _count(scene, "stock", "wrong", [*stock, *_stock_by_ledger(scene, reading), *_registers(scene, reading)])


def _count(
    scene: Scene, subject: str, what: str, differences: Sequence[str], warnings: Sequence[str] = ()
) -> Observation:
    """None is expected."""
    return observation(
        LedgerCheck,
        scene,
        subject,
        expected={what: 0},
        actual={what: len(differences)},
        differences=differences,
        warnings=warnings,
    )


def _stores(scene: Scene, connection: psycopg.Connection[Any]) -> dict[str, Survivors]:
    known = survivors.Known(
        operations={o.id: o for o in scene.writes.operations()},
        began=scene.began,
        prices=survivors.prices(connection),
    )
    return {
        "database": survivors.orders(connection, known),
        "uploads": survivors.uploads(connection, scene.files(), known),
        "cache": _carts(scene),
    }


def _carts(scene: Scene) -> Survivors:
    """Carts and sessions by key; what a cart holds is for redis-keys to compare."""
    found = {}
    seeded = scene.seed.keys
    with scene.shop.cache() as client:
        for pattern in ("cart:*", "session:*"):
            for raw in client.scan_iter(match=pattern, count=500):
                name = raw.decode()
                if name not in seeded:
                    found[name.partition(":")[2]] = 1
    return Survivors(elements=found, differences=())


def _store(scene: Scene, store: str, found: Survivors, reading: Reading) -> Observation:
    """What the ledger says of one store: beside this reading alone, and beside those before it."""
    operations = [o for o in scene.writes.operations() if o.store == store]
    rows = {op for numbers in reading.numbers.values() for op in numbers}
    seen = loss.assess(
        scene.writes.operations(),
        found.elements,
        store=store,
        began_s=scene.seed.complete_s,
        lifted_s=float("inf"),
        t0_s=scene.t0_s,
        rows=None if store == "cache" else rows,
        artefact_began_s=scene.artefact_began_s(store),
    )
    reads = [
        timed_set.Read(began_s=r.began_s, ended_s=r.ended_s, elements=r.elements[store])
        for r in (*scene.readings.values(), reading)
    ]
    history = timed_set.check(operations, reads)
    back = [op for op in history.stale if found.elements.get(op)]
    actual = {"unexplained": len(seen.unexpected), "changed": len(found.differences)}
    actual |= {"twice": len(history.duplicated), "back again": len(back)}
    lines = [
        *found.differences,
        *(f"no operation explains {op}" for op in seen.unexpected),
        *(f"operation {op} is there {n} times" for op, n in history.duplicated.items()),
        *(f"{op} is there again, which an earlier look did not find" for op in back),
    ]
    if scene.stage == "verify":
        actual["holes"] = len(seen.holes)
        lines += [f"hole: {op} is lost although it was acknowledged before a survivor began" for op in seen.holes]
    else:
        elements, ours = history.elements, {o.id for o in operations}
        newly = [op for op in history.lost if op in ours and elements[op].lost_s == reading.began_s]
        actual["newly lost"] = len(newly)
        lines += [f"acknowledged and lost: {_last_seen(op, elements[op].last_seen_s)}" for op in newly]
    return observation(LedgerCheck, scene, store, expected=dict.fromkeys(actual, 0), actual=actual, differences=lines)


def _last_seen(op: str, last_seen_s: float | None) -> str:
    return f"{op} (no look found it)" if last_seen_s is None else f"{op} (last seen at {last_seen_s:.3f} s)"


def _unbalanced(orders: Survivors) -> list[str]:
    return [
        f"order {order.id}: total {order.total}, items {order.items}, payment {order.paid}"
        for order in totals.unbalanced(orders.orders)
    ]


def _numbers(scene: Scene, reading: Reading) -> Observation:
    """Numbers of orders and uploads: one that two survivors have is wrong; a lost one's may be issued again."""
    shared, again = [], []
    operations = scene.writes.operations()
    for store, op in _NUMBERED.items():
        acknowledged, rows = loss.numbers(operations, op), reading.numbers[store]
        lost = acknowledged.keys() - rows.keys()
        shared += [
            f"number {number} of an {op} belongs to {' and '.join(ops)}"
            for number, ops in ids.shared(acknowledged, lost, rows).items()
        ]
        again += [
            f"number {acknowledged[op_id]} of the lost {op} {op_id} was issued again, to {other}"
            for op_id, other in ids.issued_again(acknowledged, lost, rows).items()
        ]
    return _count(scene, "numbers", "shared", shared, again)


def _sales(operations: Sequence[Operation]) -> dict[str, list[tuple[Operation, int]]]:
    """Product to the orders that ask for it, each with how many of it."""
    found: defaultdict[str, dict[str, tuple[Operation, int]]] = defaultdict(dict)
    for order in operations:
        if order.op == "order":
            for item in order.value["items"]:
                product = str(item["product_id"])
                _, already = found[product].get(order.id, (order, 0))
                found[product][order.id] = (order, already + item["quantity"])
    return {product: list(orders.values()) for product, orders in found.items()}


def _stock_by_ledger(scene: Scene, reading: Reading) -> Iterator[str]:
    """Stock that the orders of the ledger cannot have left: those that are there took theirs, others may have."""
    there = reading.numbers["database"]
    for product, sales in _sales(scene.writes.operations()).items():
        if product not in reading.inventory:
            continue
        taken = [counter.increment(o, -quantity, once=True, kept=o.id in there) for o, quantity in sales]
        read = counter.Read(began_s=reading.began_s, ended_s=reading.ended_s, value=reading.inventory[product][1])
        for out in counter.outside(scene.seed.stock.get(int(product), 0), taken, [read]):
            yield f"stock of product {product} by the ledger: {out}"


def _registers(scene: Scene, reading: Reading) -> Iterator[str]:
    """Inventory through all looks: its version counts sales, and goes back only where a backup was restored."""
    seeded = {str(product): (0, stock) for product, stock in scene.seed.stock.items()}
    looks = [*scene.readings.values(), reading]
    reads = [
        register.Read(began_s=scene.seed.complete_s, ended_s=scene.seed.complete_s, registers=seeded),
        *(register.Read(began_s=r.began_s, ended_s=r.ended_s, registers=r.inventory) for r in looks),
    ]
    for line in register.check(reads, list(_restores(scene, reading))):
        yield f"inventory of product {line}"


def _restores(scene: Scene, reading: Reading) -> Iterator[register.Restore]:
    """The restore of the database, if there was one, and what the ledger knows of the versions at its point."""
    backup = scene.restored.get("database")
    if backup is None:
        return
    point_s, behind = backup.manifest.snapshot_s, scene.readings.get("verify", reading)
    floor, ceiling = {}, {}
    for product, sales in _sales(scene.writes.operations()).items():
        counted = [counter.increment(o, 1, once=True) for o, _ in sales]
        floor[product], _ = counter.bounds(0, counted, point_s, point_s)
        _, ceiling[product] = counter.bounds(0, counted, behind.began_s, behind.ended_s)
    yield register.Restore(point_s=point_s, at_s=behind.began_s, open_s=behind.ended_s, floor=floor, ceiling=ceiling)


EXTENSION = LedgerCheck
