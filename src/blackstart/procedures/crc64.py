"""The checksum of Redis's files: CRC-64 with the Jones polynomial, over bytes from the least significant bit.

Byte by byte in Python it would take a minute for 100 MB. The sum is linear over GF(2), so many runs of
bytes are summed side by side by numpy, and the sums then joined: what A's sum becomes behind as many
zeros as B has bytes, added to B's, is the sum of A and B.
"""

from __future__ import annotations

from functools import cache
from typing import IO

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_POLYNOMIAL = 0x95AC9329AC4BC9B5
"""Jones's, its bits in reverse."""
_RUNS, _RUN_BYTES = 1 << 12, 1 << 7
_BLOCK = _RUNS * _RUN_BYTES
_EIGHT = np.uint64(8)
_BYTE = np.uint64(0xFF)


def crc64(file: IO[bytes], size: int) -> int:
    """The checksum of the next `size` bytes of a file; ValueError if it has fewer."""
    # Zeros ahead of everything add nothing, so only the first block is filled up, and all are of one size.
    total, first = 0, size % _BLOCK
    for length in [*([first] if first else []), *[_BLOCK] * (size // _BLOCK)]:
        block = file.read(length)
        if len(block) < length:
            raise ValueError(f"the file has fewer than {size} bytes")
        total = int(_behind(np.array([total], np.uint64), _BLOCK)[0]) ^ _sum(block.rjust(_BLOCK, b"\0"))
    return total


@cache
def _table() -> Words:
    """What each byte adds."""
    values = np.arange(256, dtype=np.uint64)
    for _ in range(8):
        odd = (values & np.uint64(1)).astype(bool)
        values = np.where(odd, (values >> np.uint64(1)) ^ np.uint64(_POLYNOMIAL), values >> np.uint64(1))
    return values


def _sum(block: bytes) -> int:
    """The sum of one block: of its runs side by side, then of two and two of them joined."""
    runs = np.frombuffer(block, np.uint8).reshape(_RUNS, _RUN_BYTES)
    columns = np.ascontiguousarray(runs.T).astype(np.uint64)
    sums: Words = np.zeros(_RUNS, np.uint64)
    for column in columns:
        sums = _table()[(sums ^ column) & _BYTE] ^ (sums >> _EIGHT)
    length = _RUN_BYTES
    while len(sums) > 1:
        sums = _behind(sums[0::2], length) ^ sums[1::2]
        length *= 2
    return int(sums[0])


def _behind(sums: Words, zeros: int) -> Words:
    """What sums become behind so many bytes of zeros, a power of two."""
    moved: Words = np.zeros(len(sums), np.uint64)
    for bit, image in enumerate(_images(zeros)):
        moved ^= np.where((sums >> np.uint64(bit)) & np.uint64(1), image, np.uint64(0))
    return moved


@cache
def _images(zeros: int) -> tuple[np.uint64, ...]:
    """What each single bit becomes behind so many bytes of zeros."""
    if zeros == 1:
        single = np.uint64(1) << np.arange(64, dtype=np.uint64)
        return tuple(_table()[single & _BYTE] ^ (single >> _EIGHT))
    return tuple(_behind(np.array(_images(zeros // 2)), zeros // 2))
