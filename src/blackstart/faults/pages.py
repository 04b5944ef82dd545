"""Pages of PostgreSQL's files, read from disk behind the server's back, and the checksum that each carries.

byte  0        8    10                                                    8191
      ├─ LSN ──┼─ checksum ─┼─ flags, item pointers ▸ … ◂ rows, from the end ─┤
"""

from __future__ import annotations

import json

import numpy as np

from blackstart.engines.base import RunsOnVolumes
from blackstart.shop import Shop

PAGE_BYTES = 8192
_CHECKSUM_AT = slice(8, 10)
_PRIME = np.uint32(16777619)
_LANES = np.array(
    [
        *(0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C),
        *(0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB),
        *(0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4),
        *(0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756),
    ],
    dtype=np.uint32,
)
"""Where each of the sums that run side by side begins: PostgreSQL's own numbers."""

# A page that the server writes just then may be read half old, half new: it counts when two looks agree.
_READ = """
import json, os, sys
path, size = os.path.join(sys.argv[1], sys.argv[2]), int(sys.argv[3])
def look(block):
    with open(path, "rb") as file:
        file.seek(block * size)
        return file.read(size)
def settled(block):
    seen = look(block)
    for _ in range(100):
        again = look(block)
        if again == seen:
            break
        seen = again
    return seen.hex()
blocks = [int(word) for word in sys.argv[4:]]
print(json.dumps({"bytes": os.stat(path).st_size, "pages": [settled(block) for block in blocks]}))
"""


def read(shop: Shop, path: str, *blocks: int) -> tuple[int, list[bytes]]:
    """A file's size, and some of its pages, by something started afresh on the database's volume."""
    said = json.loads(on_database(shop, _READ, path, str(PAGE_BYTES), *map(str, blocks)))
    return int(said["bytes"]), [bytes.fromhex(page) for page in said["pages"]]


def on_database(shop: Shop, program: str, *words: str) -> str:
    """Run a Python program on the database's volume; returns what it printed."""
    engine = shop.engine
    assert isinstance(engine, RunsOnVolumes)
    return engine.on_volume(shop.volume("database"), program, *words)


def stored(page: bytes) -> int:
    """The checksum that a page was written with."""
    return int.from_bytes(page[_CHECKSUM_AT], "little")


def checksum(page: bytes, block: int) -> int:
    """The checksum of the bytes that a page has: FNV-1a in 32 sums side by side, over all but the checksum itself."""
    bare = bytearray(page)
    bare[_CHECKSUM_AT] = b"\0\0"
    rows = np.frombuffer(bytes(bare), dtype="<u4").reshape(-1, len(_LANES))
    sums = _LANES.copy()
    for row in [*rows, *np.zeros((2, len(_LANES)), dtype=np.uint32)]:
        mixed = sums ^ row
        sums = mixed * _PRIME ^ mixed >> np.uint32(17)
    return int(np.bitwise_xor.reduce(sums) ^ np.uint32(block)) % 65535 + 1
