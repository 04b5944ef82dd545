"""How two observations differ, by name. No I/O.

When the source is gone and one row of a bucket differs, the bucket's arithmetic names it exactly:

    changed   key = ΔΣ(h·key) / ΔΣh        missing or extra   key = ΔΣkey / Δn

The latter holds for several rows of one key too, as where a table without a key has a row twice.
Where rows of several keys differ in one bucket, that quotient is no integer (or the products do not
fit), and they are only counted. Hashes of 64 bits pass for one changed row by accident in less than
one of 10¹⁴ such buckets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from blackstart.evidence import Bucket, FileFingerprint, Files, KeyFingerprint, Keys, TableFingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """What differs in one bucket: a row to be named by its key, or several that cannot be told apart."""

    what: Literal["changed", "missing", "extra", "several"]
    bucket: int
    key: int | None
    rows: int = 1
    """How many rows of that key are missing or extra."""


def row_differences(
    expected: TableFingerprint, actual: Mapping[int, Bucket], numbers: Iterable[int]
) -> Iterator[RowDifference]:
    """Name the differing rows of some buckets, one bucket at a time."""
    nothing = Bucket(n=0, keys=0, hashes=0, products=0)
    words = len(_words(key_types(expected))) if expected.readable_key else 1
    for number in numbers:
        old, new = expected.buckets.get(number, nothing), actual.get(number, nothing)
        if old != new:
            yield _difference(number, old, new, limit=2 ** (64 * words))


def _difference(number: int, old: Bucket, new: Bucket, *, limit: int) -> RowDifference:
    """`limit`: no key is larger; a quotient that is, is no key."""
    n, keys = new.n - old.n, new.keys - old.keys
    hashes, products = new.hashes - old.hashes, new.products - old.products
    if n == 0 and keys == 0 and hashes and products % hashes == 0 and abs(products // hashes) <= limit:
        return RowDifference(what="changed", bucket=number, key=products // hashes)
    if n and keys % n == 0 and products * n == hashes * keys:
        return RowDifference(what="extra" if n > 0 else "missing", bucket=number, key=keys // n, rows=abs(n))
    return RowDifference(what="several", bucket=number, key=None)


def key_types(table: TableFingerprint) -> list[str]:
    """The types of the key's columns, in their order."""
    types = dict(zip(table.columns, table.types, strict=False))
    return [types.get(name, "bigint") for name in table.key]


def key_values(types: Sequence[str], key: int) -> list[int | str]:
    """A packed key's values: integers of 64 bits apiece, and UUIDs of two such."""
    words: list[int] = []
    for _ in _words(types):
        low = (key + 2**63) % 2**64 - 2**63
        words.insert(0, low)
        key = (key - low) >> 64
    found: list[int | str] = []
    for kind in types:
        if kind == "uuid":
            found.append(str(UUID(int=(words.pop(0) % 2**64 << 64) + words.pop(0) % 2**64)))
        else:
            found.append(words.pop(0))
    return found


def describe_key(table: TableFingerprint, key: int) -> str:
    """A packed key as people look it up: `order_id = 17, line_no = 2`."""
    values = key_values(key_types(table), key)
    return ", ".join(f"{name} = {value}" for name, value in zip(table.key, values, strict=True))


def _words(types: Sequence[str]) -> range:
    """As many 64-bit numbers as a key of these types has."""
    return range(sum(2 if kind == "uuid" else 1 for kind in types))


def same_content(expected: TableFingerprint, actual: TableFingerprint) -> bool:
    """Equal columns, counts and sums; the buckets are only there to name what differs."""
    return (expected.columns, expected.rows, expected.sums) == (actual.columns, actual.rows, actual.sums)


def file_differences(expected: Files, actual: Files) -> list[str]:
    """`missing: path`, `changed: path (…)`, `mode changed: path (…)`, `unexplained: path`, …, by path.

    What is no file is called by its kind: `missing folder: path`. Modes and owners that the expectation
    does not know are not compared.
    """
    lines: list[str] = []
    for path in sorted(expected.keys() | actual.keys()):
        old, new = expected.get(path), actual.get(path)
        if old is None and new is not None:
            lines.append(f"unexplained{_kind(new)}: {path}")
        elif new is None and old is not None:
            lines.append(f"missing{_kind(old)}: {path}")
        elif old is not None and new is not None:
            lines += (f"{what}: {path} ({was} → {found})" for what, was, found in _changes(old, new))
    return lines


def _kind(file: FileFingerprint) -> str:
    return "" if file.kind == "file" else f" {file.kind}"


def _changes(old: FileFingerprint, new: FileFingerprint) -> Iterator[tuple[str, str, str]]:
    """What changed of one entry, from what, to what."""
    if old.kind != new.kind:
        yield "kind changed", old.kind, new.kind
        return
    if (old.bytes, old.blake3) != (new.bytes, new.blake3):
        yield "changed", f"{old.bytes} bytes {old.blake3[:12]}…", f"{new.bytes} bytes {new.blake3[:12]}…"
    if old.target != new.target:
        yield "link changed", old.target, new.target
    if old.mode is not None and old.mode != new.mode:
        yield "mode changed", f"{old.mode:04o}", "unknown" if new.mode is None else f"{new.mode:04o}"
    if old.owner is not None and old.owner != new.owner:
        yield "owner changed", old.owner, new.owner or "unknown"


def key_differences(expected: Keys, actual: Keys, *, now_ms: int) -> list[str]:
    """`missing: key`, `type changed: key (…)`, `value changed: key (…)`, `expiry changed: key (…)`,
    `unexplained: key`, by key; a key whose time was over may be gone."""
    lines: list[str] = []
    for name in sorted(expected.keys() | actual.keys()):
        old, new = expected.get(name), actual.get(name)
        if old is None:
            lines.append(f"unexplained: {name}")
        elif new is not None:
            lines += _key_changes(name, old, new)
        elif not is_over(old, now_ms):
            lines.append(f"missing: {name}")
    return lines


def is_over(key: KeyFingerprint, now_ms: int) -> bool:
    """Whether a key's time is over, so that it may be gone."""
    return 0 <= key.expires_ms <= now_ms


def _key_changes(name: str, old: KeyFingerprint, new: KeyFingerprint) -> Iterator[str]:
    if old.type != new.type:
        yield f"type changed: {name} ({old.type} → {new.type})"
    elif old.digest != new.digest:
        yield f"value changed: {name} ({old.type} {old.digest[:12]}… → {new.digest[:12]}…)"
    if old.expires_ms != new.expires_ms:
        yield f"expiry changed: {name} ({_expiry(old)} → {_expiry(new)})"


def _expiry(key: KeyFingerprint) -> str:
    return "never" if key.expires_ms < 0 else f"{key.expires_ms} ms"
