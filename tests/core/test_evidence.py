"""Differences are named by the arithmetic of buckets, and never wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from blackstart.differences import RowDifference, describe_key, key_values, row_differences, same_content
from blackstart.evidence import Bucket, TableFingerprint, shorten

MODULUS = 16
Rows = Mapping[int, int]
"""Contents by key."""


def bucket_of(key: int, modulus: int = MODULUS) -> int:
    """Any spread of keys over buckets will do."""
    return (key * 2_654_435_761 >> 7) % modulus


@cache
def hash_of(key: int, content: int) -> int:
    """A signed 64-bit hash over the whole row, as the server's are: no two rows have the same."""
    return int.from_bytes(blake2b(f"{key} {content}".encode(), digest_size=8).digest(), "big", signed=True)


def fingerprint(rows: Rows, *, key: tuple[str, ...] = ("id",), modulus: int = MODULUS) -> TableFingerprint:
    """What a server computes over rows, written anew."""
    buckets: dict[int, list[tuple[int, int]]] = {}
    for k, content in rows.items():
        buckets.setdefault(bucket_of(k, modulus), []).append((k, hash_of(k, content)))
    return TableFingerprint(
        columns=("id", "text"),
        key=key,
        readable_key=True,
        rows=len(rows),
        sums=(sum(hash_of(*row) for row in rows.items()), sum(hash_of(*row) ^ 1 for row in rows.items())),
        modulus=modulus,
        buckets={
            number: Bucket(
                n=len(held),
                keys=sum(k for k, _ in held),
                hashes=sum(h for _, h in held),
                products=sum(h * k for k, h in held),
            )
            for number, held in buckets.items()
        },
    )


def differences(expected: Rows, actual: Rows, *, modulus: int = MODULUS) -> list[tuple[str, int | None]]:
    """What is named, by kind and key."""
    old, new = fingerprint(expected, modulus=modulus), fingerprint(actual, modulus=modulus)
    return [(d.what, d.key) for d in row_differences(old, new.buckets, range(modulus))]


keys = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 500)
contents = st.integers(0, 2**40)
tables = st.dictionaries(keys, contents, min_size=1, max_size=40)


@given(tables)
def test_equal_tables_have_no_difference(rows: dict[int, int]) -> None:
    """Nothing is named where nothing differs, in whatever order the rows come."""
    assert [] == differences(rows, dict(reversed(rows.items())))
    assert same_content(fingerprint(rows), fingerprint(dict(reversed(rows.items()))))


@given(tables, st.data())
def test_one_changed_row_is_named(rows: dict[int, int], data: st.DataObject) -> None:
    """By its key, whatever else is in its bucket."""
    key, new = data.draw(st.sampled_from(sorted(rows))), data.draw(contents)
    assume(new != rows[key])

    assert [("changed", key)] == differences(rows, {**rows, key: new})
    assert not same_content(fingerprint(rows), fingerprint({**rows, key: new}))


@given(tables, st.data())
def test_one_missing_or_extra_row_is_named(rows: dict[int, int], data: st.DataObject) -> None:
    """By its key, in both directions."""
    key = data.draw(st.sampled_from(sorted(rows)))
    less = {k: h for k, h in rows.items() if k != key}

    assert [("missing", key)] == differences(rows, less)
    assert [("extra", key)] == differences(less, rows)


@given(tables, st.data())
def test_differences_in_several_buckets_are_all_named(rows: dict[int, int], data: st.DataObject) -> None:
    """One change, one loss and one stranger, each in a bucket of its own."""
    chosen = data.draw(st.lists(st.sampled_from(sorted(rows)), unique_by=bucket_of, min_size=1, max_size=2))
    stranger = data.draw(keys.filter(lambda k: k not in rows and bucket_of(k) not in map(bucket_of, chosen)))
    changed = {k: h for k, h in rows.items() if k not in chosen[1:]} | {chosen[0]: rows[chosen[0]] ^ 1, stranger: 5}

    named = {("changed", chosen[0]), ("extra", stranger), *(("missing", k) for k in chosen[1:])}
    assert sorted(named) == sorted(differences(rows, changed))


@settings(max_examples=120)
@given(tables, st.dictionaries(keys, contents, max_size=3), st.data())
def test_several_in_one_bucket_are_never_named_wrongly(
    rows: dict[int, int], other: dict[int, int], data: st.DataObject
) -> None:
    """Two or more differences in one bucket are only counted, whatever their kinds."""
    gone = data.draw(st.lists(st.sampled_from(sorted(rows)), unique=True, max_size=3))
    actual = {k: h for k, h in (rows | other).items() if k not in gone}
    assume(sum(rows.get(k) != actual.get(k) for k in rows.keys() | actual.keys()) > 1)

    assert [("several", None)] == differences(rows, actual, modulus=1)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(Bucket(n=2, keys=9, hashes=11, products=5 + 2**70), id="larger-than-any-key"),
        pytest.param(Bucket(n=2, keys=9, hashes=13, products=9), id="no-integer"),
        pytest.param(Bucket(n=2, keys=9, hashes=10, products=9), id="no-hash"),
        pytest.param(Bucket(n=2, keys=8, hashes=11, products=9), id="keys-differ"),
        pytest.param(Bucket(n=1, keys=4, hashes=3, products=1), id="no-such-row"),
        pytest.param(Bucket(n=4, keys=20, hashes=12, products=27), id="two-more"),
    ],
)
def test_sums_that_no_single_row_explains(new: Bucket) -> None:
    """A quotient that is no integer, or larger than any key, names nothing."""
    old = Bucket(n=2, keys=9, hashes=10, products=5)
    expected, actual = (
        TableFingerprint(
            columns=("id",), key=("id",), readable_key=True, rows=2, sums=(0, 0), modulus=1, buckets={0: bucket}
        )
        for bucket in (old, new)
    )

    assert [RowDifference(what="several", bucket=0, key=None)] == list(row_differences(expected, actual.buckets, [0]))


def test_a_key_of_two_columns_is_named() -> None:
    """Two integers packed into one number are larger than 64 bits, and are a key all the same."""
    packed = 17 * 2**64 + 2
    old, new = (fingerprint({packed: h, 5: 1}, key=("order_id", "line_no")) for h in (7, 8))

    assert [("changed", packed)] == [(d.what, d.key) for d in row_differences(old, new.buckets, range(MODULUS))]


@given(st.lists(st.sampled_from(["integer", "bigint", "uuid"]), min_size=1, max_size=3), st.data())
def test_a_packed_key_gives_its_values_back(types: list[str], data: st.DataObject) -> None:
    """Negative numbers and UUIDs too, in their order."""
    words: list[int] = []
    values: list[int | str] = []
    for kind in types:
        first, second = data.draw(keys), data.draw(keys)
        words += [first, second] if kind == "uuid" else [first]
        values.append(str(UUID(int=first % 2**64 * 2**64 + second % 2**64)) if kind == "uuid" else first)
    packed = words[0]
    for word in words[1:]:
        packed = packed * 2**64 + word

    assert values == key_values(types, packed)


def test_a_key_is_described_as_people_look_it_up() -> None:
    """By the columns' names, whatever their types."""
    table = TableFingerprint(
        columns=("at", "id", "shop"),
        types=("date", "uuid", "integer"),
        key=("shop", "id"),
        readable_key=True,
        rows=0,
        sums=(0, 0),
        modulus=1,
        buckets={},
    )

    assert "shop = -5, id = 00000000-0000-0001-ffff-ffffffffffff" == describe_key(table, (-5 * 2**64 + 1) * 2**64 - 1)


@given(tables, st.data(), st.integers(2, 4))
def test_equal_rows_are_named_and_counted(rows: dict[int, int], data: st.DataObject, times: int) -> None:
    """A table without a key may have a row several times more, or less."""
    held = {hash_of(key, content): content for key, content in rows.items()}
    one = data.draw(st.sampled_from(sorted(held)))
    old = Bucket(n=len(held), keys=sum(held), hashes=sum(held), products=sum(h * h for h in held))
    new = Bucket(
        n=old.n + times,
        keys=old.keys + times * one,
        hashes=old.hashes + times * one,
        products=old.products + times * one * one,
    )
    for before, after, what in ((old, new, "extra"), (new, old, "missing")):
        table = TableFingerprint(
            columns=("a",), key=(), readable_key=False, rows=before.n, sums=(0, 0), modulus=1, buckets={0: before}
        )

        assert [(what, one, times)] == [(d.what, d.key, d.rows) for d in row_differences(table, {0: after}, [0])]


def test_equal_rows_do_not_cancel() -> None:
    """Two equal rows more are seen, which an XOR of hashes would miss."""
    one, three = (
        TableFingerprint(columns=("a",), key=(), readable_key=False, rows=n, sums=(7 * n, 9 * n), modulus=1, buckets={})
        for n in (1, 3)
    )

    assert not same_content(one, three)


def test_columns_are_content() -> None:
    """A table whose column was renamed is not the same, although its rows are."""
    table = fingerprint({1: 1})
    renamed = fingerprint({1: 1})
    object.__setattr__(renamed, "columns", ("id", "note"))

    assert not same_content(table, renamed)


def test_shorten_counts_what_it_leaves_out() -> None:
    """Never more than asked for, and never silently."""
    assert ("a", "b") == shorten(["a", "b"], most=2)
    assert ("a", "b", "… and 2 more") == shorten(["a", "b", "c", "d"], most=2)
