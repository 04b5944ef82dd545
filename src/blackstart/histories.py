"""What the ledger's check says of one look at the shop, beside the ledger and the looks before it. No I/O.

A pure function of evidence that a run keeps, so judging a run again judges its histories again too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from blackstart import loss
from blackstart.checkers import counter, ids, register, timed_set, totals
from blackstart.evidence import Observation, Stage, shorten
from blackstart.ledger import Operation, as_of
from blackstart.readings import Reading
from blackstart.stack import STORES, Role

CHECK, LAYER = "ledger", 12
BY_CHECK: Mapping[str, tuple[str, ...]] = {
    CHECK: ("counter", "holes", "ids", "register", "sets", "timed_set", "totals"),
    "redis-keys": ("counter",),
    "append-log": ("append_log",),
}
"""Check to the checkers that it asks."""
_NUMBERED: Mapping[Role, Literal["order", "upload"]] = {"database": "order", "uploads": "upload"}
"""Stores whose operations the shop gives numbers to, and what those number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look, and all that it is judged by."""

    stage: Stage
    reading: Reading
    earlier: Mapping[Stage, Reading]
    """The looks before it, in their order."""
    operations: Sequence[Operation]
    """What the ledger had said when the look was over."""
    seeded_s: float
    stock: Mapping[int, int]
    """Product to its stock in the seed."""
    restored_s: float | None
    """The moment to which a backup of the database brought it back; None: it was not restored from one."""
    until_s: float | None
    """The moment to which its log was replayed; None: to its end, or there was none."""
    archived_s: float
    """When the archive of the uploads was begun that they came back from; infinity: from none."""

    def found(
        self, subject: str, actual: Mapping[str, int], lines: Sequence[str], warned: Sequence[str] = ()
    ) -> Observation:
        """An observation where nothing is expected of what is counted."""
        return Observation(
            check=CHECK,
            layer=LAYER,
            subject=subject,
            stage=self.stage,
            expected=dict.fromkeys(actual, 0),
            actual=dict(actual),
            differences=shorten(lines),
            differing=len(lines),
            warnings=shorten(warned),
        )


def judge(look: Look) -> Iterator[Observation]:
    """One observation a store, one each for the orders' totals and numbers, and one for the stock."""
    look = replace(look, operations=as_of(look.operations, look.reading.ended_s))
    for store in STORES:
        yield _store(look, store)
    unbalanced = [
        f"order {order.id}: total {order.total}, items {order.items}, payment {order.paid}"
        for order in totals.unbalanced(look.reading.orders)
    ]
    yield look.found("totals", {"unbalanced": len(unbalanced)}, unbalanced)
    yield _numbers(look)
    wrong = [*look.reading.stock, *_stock_by_ledger(look), *_registers(look)]
    yield look.found("stock", {"wrong": len(wrong)}, wrong)


def _store(look: Look, store: Role) -> Observation:
    """What the ledger says of one store: beside this reading alone, and beside those before it."""
    reading, held = look.reading, look.reading.elements[store]
    operations = [o for o in look.operations if o.store == store]
    rows = {op for numbers in reading.numbers.values() for op in numbers}
    seen = loss.assess(
        look.operations,
        held,
        store=store,
        began_s=look.seeded_s,
        lifted_s=float("inf"),
        t0_s=float("inf"),
        rows=None if store == "cache" else rows,
        artefact_began_s=look.archived_s if store == "uploads" else float("inf"),
    )
    reads = [
        timed_set.Read(began_s=r.began_s, ended_s=r.ended_s, elements=r.elements[store])
        for r in (*look.earlier.values(), reading)
    ]
    history = timed_set.check(operations, reads)
    back = [op for op in history.stale if held.get(op)]
    changed = look.reading.changed.get(store, ())
    actual = {"unexplained": len(seen.unexpected), "changed": len(changed)}
    actual |= {"twice": len(history.duplicated), "back again": len(back)}
    lines = [
        *changed,
        *(f"no operation explains {op}" for op in seen.unexpected),
        *(f"operation {op} is there {n} times" for op, n in history.duplicated.items()),
        *(f"{op} is there again, which an earlier look did not find" for op in back),
    ]
    if look.stage == "verify":
        actual["holes"] = len(seen.holes)
        lines += [f"hole: {op} is lost although it was acknowledged before a survivor began" for op in seen.holes]
        missing = list(_missing_from_the_backup(look, store, operations, seen.lost))
        actual["missing from the backup"] = len(missing)
        lines += [f"{op} was acknowledged before the backup's moment, and is not in it" for op in missing]
        late = list(_after_the_moment(look, store, operations, held))
        actual["after the moment"] = len(late)
        lines += [f"{op} was begun after the moment that was restored, and is there" for op in late]
    else:
        elements, ours = history.elements, {o.id for o in operations}
        newly = [op for op in history.lost if op in ours and elements[op].lost_s == reading.began_s]
        actual["newly lost"] = len(newly)
        lines += [f"acknowledged and lost: {_last_seen(op, elements[op].last_seen_s)}" for op in newly]
    return look.found(store, actual, lines)


def _missing_from_the_backup(
    look: Look, store: Role, operations: Sequence[Operation], lost: Sequence[str]
) -> Iterator[str]:
    """Writes that must be in the backup which was restored, and are gone: it is older than its manifest says.

    An upload is there if its row and its file are, so the older of both backups counts.
    """
    archived_s = look.archived_s if look.archived_s < float("inf") else None
    moments = {"database": [look.restored_s], "uploads": [look.restored_s, archived_s]}.get(store, [])
    known = [moment for moment in moments if moment is not None]
    gone = set(lost)
    for operation in operations:
        if known and operation.id in gone and (operation.completed_s or 0.0) < min(known):
            yield operation.id


def _after_the_moment(
    look: Look, store: Role, operations: Sequence[Operation], held: Mapping[str, int]
) -> Iterator[str]:
    """Writes that cannot have been there at the moment to which the database was brought back, and are."""
    if store == "database" and look.until_s is not None:
        yield from (o.id for o in operations if held.get(o.id) and o.invoked_s > look.until_s)


def _last_seen(op: str, last_seen_s: float | None) -> str:
    return f"{op} (no look found it)" if last_seen_s is None else f"{op} (last seen at {last_seen_s:.3f} s)"


def _numbers(look: Look) -> Observation:
    """Numbers of orders and uploads: one that two survivors have is wrong; a lost one's may be issued again."""
    shared, again = [], []
    for store, op in _NUMBERED.items():
        acknowledged, rows = loss.numbers(look.operations, op), look.reading.numbers[store]
        lost = acknowledged.keys() - rows.keys()
        shared += [
            f"number {number} of an {op} belongs to {' and '.join(ops)}"
            for number, ops in ids.shared(acknowledged, lost, rows).items()
        ]
        again += [
            f"number {acknowledged[op_id]} of the lost {op} {op_id} was issued again, to {other}"
            for op_id, other in ids.issued_again(acknowledged, lost, rows).items()
        ]
    return look.found("numbers", {"shared": len(shared)}, shared, again)


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


def _stock_by_ledger(look: Look) -> Iterator[str]:
    """Stock that the orders of the ledger cannot have left: those that are there took theirs, others may have."""
    reading = look.reading
    there = reading.numbers["database"]
    for product, sales in _sales(look.operations).items():
        if product not in reading.inventory:
            continue
        taken = [counter.increment(o, -quantity, once=True, kept=o.id in there) for o, quantity in sales]
        read = counter.Read(began_s=reading.began_s, ended_s=reading.ended_s, value=reading.inventory[product][1])
        for out in counter.outside(look.stock.get(int(product), 0), taken, [read]):
            yield f"stock of product {product} by the ledger: {out}"


def _registers(look: Look) -> Iterator[str]:
    """Inventory through all looks: its version counts sales, and goes back only where a backup was restored."""
    seeded = {str(product): (0, stock) for product, stock in look.stock.items()}
    reads = [
        register.Read(began_s=look.seeded_s, ended_s=look.seeded_s, registers=seeded),
        *(
            register.Read(began_s=r.began_s, ended_s=r.ended_s, registers=r.inventory)
            for r in (*look.earlier.values(), look.reading)
        ),
    ]
    for line in register.check(reads, list(_restores(look))):
        yield f"inventory of product {line}"


def _restores(look: Look) -> Iterator[register.Restore]:
    """The restore of the database, if there was one, and what the ledger knows of the versions at its point."""
    point_s = look.restored_s
    if point_s is None:
        return
    behind = look.earlier.get("verify", look.reading)
    floor, ceiling = {}, {}
    for product, sales in _sales(look.operations).items():
        counted = [counter.increment(o, 1, once=True) for o, _ in sales]
        floor[product], _ = counter.bounds(0, counted, point_s, point_s)
        _, ceiling[product] = counter.bounds(0, counted, behind.began_s, behind.ended_s)
    yield register.Restore(point_s=point_s, at_s=behind.began_s, open_s=behind.ended_s, floor=floor, ceiling=ceiling)
