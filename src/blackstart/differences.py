"""How two observations differ, by name. No I/O.

When the source is gone and one row of a bucket differs, the bucket's arithmetic names it exactly:

    changed   key = ΔΣ(h·key) / ΔΣh        missing or extra   key = ΔΣkey

Where several rows of one bucket differ, that quotient is no integer (or the products do not fit),
and they are only counted. Hashes of 64 bits pass for one changed row by accident in less than one
of 10¹⁴ such buckets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from blackstart.evidence import Bucket, Files, Keys, TableFingerprint


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
