"""What was lost: acknowledged writes against survivors.

The recovery point is measured on the ledger, not on the backup's age: F − R, where F is the last
acknowledgement that the damaged stack gave and R the latest acknowledgement such that every write
acknowledged by then survives.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from blackstart.ledger import Operation, acknowledged


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one store lost; times are seconds since the run began."""

    acknowledged: int
    lost: tuple[str, ...]
    """Ids of acknowledged operations that are gone, by acknowledgement."""
    lost_after_t0: int
    holes: tuple[str, ...]
    """Those of `lost` that were acknowledged before a survivor was even invoked."""
    indeterminate: int
    unexpected: tuple[str, ...]
    """Survivors that no operation explains, or whose operation provably did not happen."""
    rpo_s: float
    resolution_s: float
    """The longest gap between neighbouring acknowledgements around R: RPO cannot be known finer."""


def assess(
    operations: Sequence[Operation],
    survivors: Collection[str],
    *,
    store: str,
    began_s: float,
    lifted_s: float,
    t0_s: float,
    rows: Collection[str] | None = None,
    artefact_began_s: float = float("inf"),
) -> Loss:
    """Compare what the damaged shop acknowledged of `store` with what survived.

    `began_s`: when the state that all survivors build on was complete (the seed), which is R if the
    very first write is lost. `lifted_s`: when the fence was lifted; the app was stopped behind it, so
    whatever was acknowledged earlier was acknowledged by the damaged shop. `rows`: all operations that
    have their row in the database, of whatever store: a database is one state, so a lost row is a hole
    if any row that survived was asked for after it. `artefact_began_s`: where survivors come from an
    artefact that is no snapshot (a tar of changing files), only those invoked before it began prove a hole.
    """
    own = [o for o in operations if o.store == store and o.invoked_s < lifted_s]
    acked = [o for o in acknowledged(own) if (o.completed_s or 0.0) <= lifted_s]
    lost = [o for o in acked if o.id not in survivors]
    rowless = [o for o in lost if rows is not None and o.id not in rows]
    others = [o for o in lost if rows is None or o.id in rows]
    found = {
        *holes(rowless, [o for o in operations if rows is not None and o.id in rows]),
        *holes(others, [o for o in own if o.id in survivors], artefact_began_s),
    }
    own_ids = {o.id for o in operations if o.store == store and o.possible}
    before, after = _neighbours(acked, lost, began_s)
    last = acked[-1].completed_s or 0.0 if acked else began_s
    return Loss(
        acknowledged=len(acked),
        lost=tuple(o.id for o in lost),
        lost_after_t0=sum((o.completed_s or 0.0) >= t0_s for o in lost),
        holes=tuple(o.id for o in lost if o.id in found),
        indeterminate=sum(o.outcome in (None, "info") for o in own),
        unexpected=tuple(sorted(set(survivors) - own_ids)),
        rpo_s=last - before if lost else 0.0,
        resolution_s=after - before,
    )


def issued_again(operations: Sequence[Operation], lost: Collection[str]) -> dict[str, str]:
    """Lost order to the order that later got its number: two customers hold it, and one of them has nothing.

    A restored sequence goes on from where the backup was, so this is what every restore from one does.
    """
    orders = [o for o in operations if o.op == "order" and o.acknowledged and "order_id" in o.result]
    kept = {o.result["order_id"]: o.id for o in orders if o.id not in lost}
    return {o.id: kept[o.result["order_id"]] for o in orders if o.id in lost and o.result["order_id"] in kept}


def holes(lost: Sequence[Operation], survived: Sequence[Operation], limit_s: float = float("inf")) -> tuple[str, ...]:
    """Lost operations that precede a survivor: acknowledged before the survivor was invoked.

    Acknowledgement order is not commit order, so a lost write that was acknowledged before a
    *concurrent* survivor proves nothing; real-time precedence does.
    """
    invoked = sorted(o.invoked_s for o in survived if o.invoked_s < limit_s)
    return tuple(o.id for o in lost if bisect_right(invoked, o.completed_s or 0.0) < len(invoked))


def _neighbours(acked: Sequence[Operation], lost: Sequence[Operation], began_s: float) -> tuple[float, float]:
    """R and the acknowledgement after it; both the last one if nothing is lost."""
    times = [o.completed_s or 0.0 for o in acked]
    if not lost:
        last = times[-1] if times else began_s
        return last, last
    first_lost = lost[0].completed_s or 0.0
    earlier = [t for t in times if t < first_lost]
    return (earlier[-1] if earlier else began_s), first_lost
