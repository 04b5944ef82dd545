"""Versioned registers: what a key's version was never goes back, but for a restore that says how far.

A read B *descends* from an earlier read A unless a restore lies between them whose point is earlier
than A: then B's state never saw what A saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

VERSION: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One look at all registers: key to version and value; times are seconds since the run began."""

    began_s: float
    ended_s: float
    registers: Mapping[str, tuple[int, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A declared restore: at `at_s` the registers became again what they were at `point_s`, or a little later."""

    point_s: float
    at_s: float
    open_s: float = float("inf")
    """When the first writer came back; reads that ended by then see what the restore brought."""
    floor: Mapping[str, int] = field(default_factory=dict)
    """The version that a key surely had at `point_s`."""
    ceiling: Mapping[str, int] = field(default_factory=dict)
    """The highest version that a key can have had before it was lost."""


def check(reads: Sequence[Read], restores: Sequence[Restore] = ()) -> tuple[str, ...]:
    """Versions that went back, versions with two values, and restores to something else than their point."""
    ordered = sorted(reads, key=lambda read: (read.began_s, read.ended_s))
    found: dict[str, None] = {}
    for earlier, later in combinations(ordered, 2):
        if _descends(earlier, later, restores):
            found.update(dict.fromkeys(_pair(earlier, later)))
    for restore in restores:
        for read in ordered:
            if restore.at_s <= read.began_s:
                found.update(dict.fromkeys(_restored(restore, read)))
    return tuple(found)


def _descends(earlier: Read, later: Read, restores: Sequence[Restore]) -> bool:
    between = (r for r in restores if earlier.began_s < r.at_s <= later.began_s)
    return all(earlier.ended_s <= restore.point_s for restore in between)


def _pair(earlier: Read, later: Read) -> Iterator[str]:
    """What is wrong in a read that descends from another; overlapping ones have no order."""
    for key in sorted(earlier.registers.keys() & later.registers.keys()):
        (version, value), (then, now) = earlier.registers[key], later.registers[key]
        if then < version and earlier.ended_s < later.began_s:
            yield f"{key}: version went back: {version} → {then}"
        elif then == version and now != value:
            yield f"{key}: version {version} has two values: {value} and {now}"


def _restored(restore: Restore, read: Read) -> Iterator[str]:
    """What is wrong in a read after a restore: less than its point had; or more than ever was, before anybody wrote."""
    for key, (version, _) in sorted(read.registers.items()):
        low = restore.floor.get(key)
        if low is not None and version < low:
            yield f"{key}: version {version} is older than the restore's point, which had at least {low}"
        high = restore.ceiling.get(key)
        if high is not None and version > high and read.ended_s <= restore.open_s:
            yield f"{key}: version {version} is newer than anything that was lost, at most {high}"
