"""Evidence: what was observed of the shop's data, and how two observations differ. No I/O.

A table's fingerprint has a count and two 64-bit sums of its rows' hashes: any order of the rows
gives the same sums, and two equal rows do not cancel as they would under XOR. Beside it, rows are
sorted into buckets by their key, each bucket with (n, Σkey, Σh, Σh·key). When the source is gone
and one row of a bucket differs, the bucket's arithmetic names it exactly:

    changed   key = ΔΣ(h·key) / ΔΣh        missing or extra   key = ΔΣkey

Where several rows of one bucket differ, that quotient is no integer (or the products do not fit),
and they are only counted. Hashes of 64 bits pass for one changed row by accident in less than one
of 10¹⁴ such buckets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Stage = Literal["gate", "verify", "resume", "final"]
"""Before the fault; behind the fence; through the application; when customers have come to rest."""
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
    key: tuple[str, ...]
    """Column names of the primary key; empty: the table has none, and a row's hash is its key."""
    readable_key: bool
    """Whether the key is one integer column, so that Σkey yields a key that people can look up."""
    rows: int
    sums: tuple[int, int]
    modulus: int
    buckets: Mapping[int, Bucket] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFingerprint:
    """All tables' fingerprints, in one snapshot."""

    server: str
    algorithm: str
    tables: Mapping[str, TableFingerprint]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFingerprint:
    """A file of the uploads volume."""

    bytes: int
    blake3: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFingerprint:
    """A Redis key: its type, a digest of its value, and when it expires (ms since the epoch; -1: never)."""

    type: str
    digest: str
    expires_ms: int


Files = Mapping[str, FileFingerprint]
Keys = Mapping[str, KeyFingerprint]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """What differs in one bucket: rows to be named by key, or only counted."""

    what: Literal["changed", "missing", "extra", "several"]
    bucket: int
    key: int | None


def row_differences(expected: TableFingerprint, actual: TableFingerprint) -> Iterator[RowDifference]:
    """Name the differing rows, one bucket at a time."""
    nothing = Bucket(n=0, keys=0, hashes=0, products=0)
    columns = len(expected.key) if expected.readable_key else 1
    for number in sorted(expected.buckets.keys() | actual.buckets.keys()):
        old, new = expected.buckets.get(number, nothing), actual.buckets.get(number, nothing)
        if old == new:
            continue
        yield _difference(number, old, new, limit=2 ** (64 * columns))


def _difference(number: int, old: Bucket, new: Bucket, *, limit: int) -> RowDifference:
    """`limit`: no key is larger; a quotient that is, is no key."""
    n, keys = new.n - old.n, new.keys - old.keys
    hashes, products = new.hashes - old.hashes, new.products - old.products
    if n == 0 and keys == 0 and hashes and products % hashes == 0 and abs(products // hashes) <= limit:
        return RowDifference(what="changed", bucket=number, key=products // hashes)
    if n in (1, -1) and products == hashes * keys * n:
        return RowDifference(what="extra" if n == 1 else "missing", bucket=number, key=keys * n)
    return RowDifference(what="several", bucket=number, key=None)


def same_content(expected: TableFingerprint, actual: TableFingerprint) -> bool:
    """Equal columns, counts and sums; the buckets are only there to name what differs."""
    return (expected.columns, expected.rows, expected.sums) == (actual.columns, actual.rows, actual.sums)


def file_differences(expected: Files, actual: Files) -> list[str]:
    """`missing: path`, `changed: path (…)`, `unexplained: path`, by path."""
    lines = []
    for path in sorted(expected.keys() | actual.keys()):
        old, new = expected.get(path), actual.get(path)
        if new is None:
            lines.append(f"missing: {path}")
        elif old is None:
            lines.append(f"unexplained: {path}")
        elif old != new:
            lines.append(
                f"changed: {path} ({old.bytes} bytes {old.blake3[:12]}… → {new.bytes} bytes {new.blake3[:12]}…)"
            )
    return lines


def key_differences(expected: Keys, actual: Keys, *, now_ms: int) -> list[str]:
    """`missing: key`, `changed: key (…)`, `unexplained: key`; a key whose time was over may be gone."""
    lines = []
    for name in sorted(expected.keys() | actual.keys()):
        old, new = expected.get(name), actual.get(name)
        if new is None and old is not None:
            if old.expires_ms < 0 or old.expires_ms > now_ms:
                lines.append(f"missing: {name}")
        elif old is None:
            lines.append(f"unexplained: {name}")
        elif new is not None and (old.type, old.digest) != (new.type, new.digest):
            lines.append(f"changed: {name} ({old.type} {old.digest[:12]}… → {new.type} {new.digest[:12]}…)")
        elif new is not None and old.expires_ms != new.expires_ms:
            lines.append(f"expiry changed: {name} ({old.expires_ms} → {new.expires_ms} ms)")
    return lines


def shorten(lines: Sequence[str], most: int = MAX_NAMED) -> tuple[str, ...]:
    """The first few lines, and how many more there are."""
    rest = len(lines) - most
    return tuple(lines) if rest <= 0 else (*lines[:most], f"… and {rest} more")
