"""Holes: a lost write that a survivor's client could already have known of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from blackstart.ledger import Operation

VERSION: int = 1


def holes(lost: Sequence[Operation], survived: Sequence[Operation], limit_s: float = float("inf")) -> tuple[str, ...]:
    """Lost operations that precede a survivor: acknowledged before the survivor was invoked.

    Acknowledgement order is not commit order, so a lost write that was acknowledged before a
    *concurrent* survivor proves nothing; real-time precedence does. `limit_s`: where survivors come
    from an artefact that is no snapshot, only those invoked before it was begun count.
    """
    invoked = sorted(o.invoked_s for o in survived if o.invoked_s < limit_s)
    return tuple(o.id for o in lost if bisect_right(invoked, o.completed_s or 0.0) < len(invoked))
