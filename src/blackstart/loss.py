"""What was lost: acknowledged writes against survivors.

The recovery point is measured on the ledger, not on the backup's age: F − R, where F is the last
acknowledgement that the damaged stack gave and R the latest acknowledgement such that every write
acknowledged by then survives.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from blackstart.checkers import sets
from blackstart.checkers.holes import holes
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
    recovered: tuple[str, ...]
    """Those without a clear answer that turned out to be there."""
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
    ever = [o for o in operations if o.store == store]
    own = [o for o in ever if o.invoked_s < lifted_s]
    acked = [o for o in acknowledged(own) if (o.completed_s or 0.0) <= lifted_s]
    seen = sets.check(ever, survivors)
    gone, before_lift = set(seen.lost), {o.id for o in own}
    lost = [o for o in acked if o.id in gone]
    rowless = [o for o in lost if rows is not None and o.id not in rows]
    others = [o for o in lost if rows is None or o.id in rows]
    found = {
        *holes(rowless, [o for o in operations if rows is not None and o.id in rows]),
        *holes(others, [o for o in own if o.id in survivors], artefact_began_s),
    }
    before, after = _neighbours(acked, lost, began_s)
    last = acked[-1].completed_s or 0.0 if acked else began_s
    return Loss(
        acknowledged=len(acked),
        lost=tuple(o.id for o in lost),
        lost_after_t0=sum((o.completed_s or 0.0) >= t0_s for o in lost),
        holes=tuple(o.id for o in lost if o.id in found),
        indeterminate=sum(o.outcome in (None, "info") for o in own),
        recovered=tuple(name for name in seen.recovered if name in before_lift),
        unexpected=seen.unexpected,
        rpo_s=last - before if lost else 0.0,
        resolution_s=after - before,
    )


def numbers(operations: Sequence[Operation], op: Literal["order", "upload"]) -> dict[str, int]:
    """The numbers under which the shop acknowledged operations of one class."""
    return {o.id: o.result[f"{op}_id"] for o in operations if o.op == op and o.acknowledged and f"{op}_id" in o.result}


def _neighbours(acked: Sequence[Operation], lost: Sequence[Operation], began_s: float) -> tuple[float, float]:
    """R and the acknowledgement after it; both the last one if nothing is lost."""
    times = [o.completed_s or 0.0 for o in acked]
    if not lost:
        last = times[-1] if times else began_s
        return last, last
    first_lost = lost[0].completed_s or 0.0
    earlier = [t for t in times if t < first_lost]
    return (earlier[-1] if earlier else began_s), first_lost
