"""A set, read once: what was acknowledged and is lost, what nobody put there, what turned out to be there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from blackstart.ledger import Operation, acknowledged

VERSION: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one read of a set says of the operations that each added an element, by operation id."""

    lost: tuple[str, ...]
    """Acknowledged and not there, by acknowledgement."""
    unexpected: tuple[str, ...]
    """There, although no operation added it, or one that provably did not happen; sorted."""
    recovered: tuple[str, ...]
    """There, although nobody was told so: operations without a clear answer, by invocation."""


def check(operations: Sequence[Operation], elements: Collection[str]) -> Found:
    """Compare the elements that a read found with the operations that may have added them.

    An operation that was acknowledged only after the read began may rightly be missing: it is not for here.
    """
    possible = {o.id for o in operations if o.possible}
    doubtful = [o for o in operations if o.possible and not o.acknowledged and o.id in elements]
    return Found(
        lost=tuple(o.id for o in acknowledged(operations) if o.id not in elements),
        unexpected=tuple(sorted(set(elements) - possible)),
        recovered=tuple(o.id for o in sorted(doubtful, key=lambda o: o.invoked_s)),
    )
