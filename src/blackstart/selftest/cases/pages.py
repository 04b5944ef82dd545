"""Pages: bits that flipped on disk, and pages that are gone, in tables, indexes and beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from blackstart.selftest.case import Case, Copy

_PAGE_BYTES = 8192


def _flip(offset: int) -> Callable[[bytearray], None]:
    """One bit of the second page."""

    def change(content: bytearray) -> None:
        content[_PAGE_BYTES + offset] ^= 1

    return change


def _zero(content: bytearray) -> None:
    """The second page as if it had never been written."""
    content[_PAGE_BYTES : 2 * _PAGE_BYTES] = bytes(_PAGE_BYTES)


def _garbage(content: bytearray) -> None:
    """The second page with bytes of another file; what stands where its LSN was is beyond any log."""
    content[_PAGE_BYTES : 2 * _PAGE_BYTES] = b"\xff" * 8 + hashlib.shake_128(b"another file").digest(_PAGE_BYTES - 8)


def _in_the_future(content: bytearray) -> None:
    """The highest bit of the second page's LSN."""
    content[_PAGE_BYTES + 3] ^= 0x80


def _nothing(content: bytearray) -> None:
    """Leave the file as it is."""
    del content


def _on(relation: str, change: Callable[[bytearray], None]) -> Callable[[Copy], None]:
    return lambda copy: copy.page(relation, change)


def _on_toast(table: str, change: Callable[[bytearray], None]) -> Callable[[Copy], None]:
    """The same of what stands beside a table."""

    def plant(copy: Copy) -> None:
        query = "SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = %s::regclass"
        with copy.database() as connection:
            row = connection.execute(query, (table,)).fetchone()
        assert row is not None
        copy.page(row[0], change)

    return plant


CASES = (
    Case(
        what="a bit flipped in a table",
        plant=_on("shapes.paged", _flip(8000)),
        found_by="physical",
        names="pages on disk: table shapes.paged (base/",
    ),
    Case(
        what="a bit flipped in a table, and somebody counts its rows",
        plant=_on("shapes.paged", _flip(4000)),
        found_by="checksums",
        names="shapes.paged: shapes.paged: invalid page in block 1",
        alone=True,
    ),
    Case(
        what="a bit flipped in an index",
        plant=_on("shapes.paged_body", _flip(8000)),
        found_by="physical",
        names="pages on disk: index paged_body of table shapes.paged (base/",
    ),
    Case(
        what="a page of an index that is no B-tree was overwritten",
        plant=_on("products_tags_idx", _garbage),
        found_by="physical",
        names="pages on disk: index products_tags_idx of table public.products (base/",
        alone=True,
    ),
    Case(
        what="a bit flipped in the LSN of a table's page",
        plant=_on("shapes.paged", _in_the_future),
        found_by="physical",
        names="pages on disk: table shapes.paged (base/",
    ),
    Case(
        what="a bit flipped in a long value",
        plant=_on_toast("shapes.toasted", _flip(4000)),
        found_by="physical",
        names="pages on disk: toast shapes.toasted (base/",
    ),
    Case(
        what="a page of a table is gone",
        plant=_on("shapes.paged", _zero),
        found_by="checksums",
        names="shapes.paged: missing row: id = 129",
    ),
    Case(
        what="a page of an index is gone",
        plant=_on("shapes.paged_body", _zero),
        found_by="physical",
        names="shapes.paged: index paged_body of table shapes.paged: index",
        alone=True,
    ),
    Case(
        what="a page of a long value is gone",
        plant=_on_toast("shapes.toasted", _zero),
        found_by="checksums",
        names="shapes.toasted: shapes.toasted: missing chunk number 4",
        alone=True,
    ),
    Case(what="a shop's server was stopped and started", plant=_on("shapes.paged", _nothing)),
)
