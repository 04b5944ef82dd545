"""The checksum of PostgreSQL's pages, beside what its own `page_checksum` says."""

from __future__ import annotations

import pytest

from blackstart.faults import pages

COUNTED = bytes(range(16)) * 512
ONES = b"\xff" * pages.PAGE_BYTES


@pytest.mark.parametrize(
    ("page", "block", "expected"), [(COUNTED, 0, 50976), (COUNTED, 77, 50901), (ONES, 131071, 2779)]
)
def test_the_checksum_is_postgresqls_own(page: bytes, block: int, expected: int) -> None:
    """As `SELECT page_checksum(page, block)` of the extension pageinspect has it, read as unsigned."""
    assert expected == pages.checksum(page, block)


@pytest.mark.parametrize("bit", [0, 8 * 7 + 3, 8 * 10, 8 * 8191 + 7])
def test_a_flipped_bit_is_another_checksum(bit: int) -> None:
    """Wherever it is but in the checksum itself, which no page vouches for."""
    flipped = bytearray(COUNTED)
    flipped[bit // 8] ^= 1 << bit % 8

    assert pages.checksum(COUNTED, 3) != pages.checksum(bytes(flipped), 3)


def test_the_checksum_does_not_count_itself() -> None:
    """It is written into the page after it was computed."""
    written = bytearray(COUNTED)
    written[8:10] = pages.checksum(COUNTED, 3).to_bytes(2, "little")

    assert pages.checksum(COUNTED, 3) == pages.checksum(bytes(written), 3) == pages.stored(bytes(written))
