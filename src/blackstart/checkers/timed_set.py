"""A set, read several times: when each element was last seen and first found lost, stale reads, duplicates.

Two orders of events matter. An element is *known* from its acknowledgement on, or from the end of the
first read that held it. A read *misses* an element that was known before the read began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blackstart.ledger import Operation

VERSION: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One look at the whole set: how often it held each element; times are seconds since the run began."""

    began_s: float
    ended_s: float
    elements: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What the reads say of one element."""

    id: str
    last_seen_s: float | None
    """When the last read that held it began; None: none did."""
    lost_s: float | None
    """When the first read began that missed it after it was last seen; None: it is not known to be lost."""
    stale: tuple[float, ...]
    """When each read began that missed it although a later one held it."""
    copies: int
    """The most that one read held of it."""

    @property
    def never_seen(self) -> bool:
        """No read held it, and none began late enough to say that it is lost."""
        return self.last_seen_s is None and self.lost_s is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All elements, and by id those of each anomaly, in the order of the operations."""

    elements: Mapping[str, Element]
    lost: tuple[str, ...]
    stale: tuple[str, ...]
    never_seen: tuple[str, ...]
    """Acknowledged, and nobody has looked since."""
    duplicated: Mapping[str, int]
    """Element to the most copies of it that one read held."""


def check(operations: Sequence[Operation], reads: Sequence[Read]) -> Found:
    """Follow each element that an operation may have added, and each that a read held, through the reads."""
    ordered = sorted(reads, key=lambda read: (read.began_s, read.ended_s))
    acked = {o.id: o.completed_s or 0.0 for o in operations if o.acknowledged}
    names = dict.fromkeys([o.id for o in operations if o.possible])
    names.update(dict.fromkeys(name for read in ordered for name, copies in read.elements.items() if copies))
    elements = {name: _follow(name, acked.get(name), ordered) for name in names}
    return Found(
        elements=elements,
        lost=tuple(name for name, element in elements.items() if element.lost_s is not None),
        stale=tuple(name for name, element in elements.items() if element.stale),
        never_seen=tuple(name for name, element in elements.items() if name in acked and element.never_seen),
        duplicated={name: element.copies for name, element in elements.items() if element.copies > 1},
    )


def _follow(name: str, acknowledged_s: float | None, reads: Sequence[Read]) -> Element:
    """One element through reads that are ordered by their begin."""
    copies = [read.elements.get(name, 0) for read in reads]
    held = [read for read, n in zip(reads, copies, strict=True) if n]
    last_seen_s = held[-1].began_s if held else None
    known_s = min(_known(acknowledged_s, held), default=float("inf"))
    missed = [read.began_s for read, n in zip(reads, copies, strict=True) if not n and read.began_s > known_s]
    after = [t for t in missed if last_seen_s is None or t > last_seen_s]
    return Element(
        id=name,
        last_seen_s=last_seen_s,
        lost_s=after[0] if after else None,
        stale=tuple(missed[: len(missed) - len(after)]),
        copies=max(copies, default=0),
    )


def _known(acknowledged_s: float | None, held: Sequence[Read]) -> Iterator[float]:
    if acknowledged_s is not None:
        yield acknowledged_s
    yield from (read.ended_s for read in held)
