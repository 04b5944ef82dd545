"""Evidence: what was observed of the shop's data. No I/O; `differences` tells how two observations differ.

A table's fingerprint has a count and two 64-bit sums of its rows' hashes: any order of the rows
gives the same sums, and two equal rows do not cancel as they would under XOR. Beside it, rows are
sorted into buckets by their key, each bucket with (n, Σkey, Σh, Σh·key), from which `differences`
names a row whose source is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Stage = Literal["gate", "detect", "verify", "resume", "final"]
"""Before the fault; while it goes unnoticed; behind the fence; through the application; when customers
have come to rest."""
Outcome = Literal["pass", "fail", "error", "not_applicable"]

MAX_NAMED = 20
"""How many differences an observation lists by name; it always counts them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a check saw beside what it should have seen. `judge.outcome` says what that means."""

    check: str
    layer: int
    subject: str
    stage: Stage
    expected: Any
    actual: Any
    differences: Sequence[str] = ()
    differing: int = 0
    """How many differences there are; `differences` names the first of them."""
    warnings: Sequence[str] = ()
    error: str = ""
    """Why the check could not run; such a check never passes."""
    not_applicable: str = ""
    took_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Sums over the rows whose key falls into one bucket."""

    n: int
    keys: int
    hashes: int
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFingerprint:
    """A table's content at one moment."""

    columns: tuple[str, ...]
    """By name: their order in the table is no content."""
    key: tuple[str, ...]
    """Column names of the primary key; empty: the table has none, and a row's hash is its key."""
    readable_key: bool
    """Whether the key consists of integers and UUIDs, so that Σkey yields a key that people can look up."""
    rows: int
    sums: tuple[int, int]
    modulus: int
    buckets: Mapping[int, Bucket] = field(repr=False)
    types: tuple[str, ...] = ()
    """The columns' types, without modifiers."""
    unlogged: bool = False
    """Whether a crash empties the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceState:
    """A sequence at one moment, and how far the columns have come that it feeds."""

    last: int
    """`last_value`."""
    called: bool
    """Whether `last` has been handed out; if not, it is the next value."""
    increment: int
    cycles: bool
    unlogged: bool = False
    """Whether a crash sets it back to its start, as it empties the table."""
    columns: tuple[str, ...] = ()
    """`schema.table.column` of every column that the sequence feeds."""
    extreme: int | None = None
    """Their largest value (their smallest where the increment is negative); None: no row, or no column."""
    minimum: int | None = None
    maximum: int | None = None
    """What it may hand out; None: nobody wrote it down."""

    @property
    def next(self) -> int:
        """What it hands out next."""
        return self.last + self.increment if self.called else self.last

    @property
    def used_up(self) -> bool:
        """Whether it has nothing left to hand out, and does not begin anew."""
        below = self.minimum is not None and self.next < self.minimum
        above = self.maximum is not None and self.next > self.maximum
        return not self.cycles and (below or above)


Facts = Mapping[str, str]
"""What is known of one object: its type, its owner, its default, … A fact that is null or false is not there."""
Catalog = Mapping[str, Mapping[str, Facts]]
"""Class of object (`columns`, `constraints`, …) to object name to its facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFingerprint:
    """A whole database in one snapshot (but for sequences, which no snapshot holds still)."""

    server: str
    algorithm: str
    tables: Mapping[str, TableFingerprint]
    views: Mapping[str, TableFingerprint] = field(default_factory=dict)
    """Materialized views that are populated."""
    sequences: Mapping[str, SequenceState] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=dict, repr=False)
    large_objects: TableFingerprint | None = None
    page_checksums: str = ""
    """`on` or `off`: whether the server checks each page that it reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFingerprint:
    """A file of the uploads volume; or a folder, a link or something else (a pipe), which have no content."""

    bytes: int
    blake3: str
    kind: Literal["file", "folder", "link", "other"] = "file"
    mode: int | None = None
    """Permission bits; None: nobody can know them (a ledger does not say)."""
    owner: str | None = None
    """`uid:gid`, numeric; None: nobody can know it."""
    target: str = ""
    """Where a link points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFingerprint:
    """A Redis key: its type, a digest of its value, and when it expires (ms since the epoch; -1: never)."""

    type: str
    digest: str
    expires_ms: int


Files = Mapping[str, FileFingerprint]
Keys = Mapping[str, KeyFingerprint]


def shorten(lines: Sequence[str], most: int = MAX_NAMED) -> tuple[str, ...]:
    """The first few lines, and how many more there are."""
    rest = len(lines) - most
    return tuple(lines) if rest <= 0 else (*lines[:most], f"… and {rest} more")
