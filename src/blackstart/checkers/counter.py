"""A counter: its value lies between what was surely added and what may have been added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from blackstart.ledger import Operation

VERSION: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Increment:
    """What one operation adds each time it is carried out; negative: it takes away."""

    amount: int
    sure_s: float | None
    """From when on it is there at least once: its acknowledgement. None: it never is for sure."""
    possible_s: tuple[float, ...]
    """From when on it may be there once more: the begin of each attempt that may have counted, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One look at the counter; times are seconds since the run began."""

    began_s: float
    ended_s: float
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A read whose value no history explains, and what would be."""

    read: Read
    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.read.value}, must be from {self.low} to {self.high}"


def increment(operation: Operation, amount: int, *, once: bool, kept: bool = True) -> Increment:
    """What an operation adds.

    `once`: its repetitions are recognised, so that all attempts together count at most once; otherwise each
    attempt without an answer may have counted. `kept`: false where a restore may have undone it.
    """
    attempts: tuple[float, ...] = ()
    if operation.possible:
        # An attempt begins when the one before it has failed; after the last failure nothing more was tried,
        # unless that is what was answered, or nobody wrote down how it ended.
        tried = (operation.invoked_s, *operation.failed_attempts)
        attempts = tried if operation.outcome in ("ok", None) else tried[: max(1, len(operation.failed_attempts))]
    return Increment(
        amount=amount,
        sure_s=operation.completed_s if operation.acknowledged and kept else None,
        possible_s=attempts[:1] if once else attempts,
    )


def bounds(start: int, increments: Sequence[Increment], began_s: float, ended_s: float) -> tuple[int, int]:
    """Lowest and highest value that a read from `began_s` to `ended_s` can find.

    Sure is what was acknowledged before the read began; possible what was attempted before it ended.
    """
    low = high = start
    for made in increments:
        possible = bisect_left(made.possible_s, ended_s)
        sure = 1 if made.sure_s is not None and made.sure_s < began_s else 0
        ends = (sure * made.amount, max(sure, possible) * made.amount)
        low, high = low + min(ends), high + max(ends)
    return low, high


def outside(start: int, increments: Sequence[Increment], reads: Sequence[Read]) -> tuple[Outside, ...]:
    """The reads whose value is out of bounds, in their order."""
    found = []
    for read in reads:
        low, high = bounds(start, increments, read.began_s, read.ended_s)
        if not low <= read.value <= high:
            found.append(Outside(read=read, low=low, high=high))
    return tuple(found)
