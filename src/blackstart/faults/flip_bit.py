"""`flip-bit`: bit rot: one bit on a disk is not what was written, and nobody has read it since."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.on_relation import OnRelation, Spot, unsound, while_stopped
from blackstart.faults.pages import PAGE_BYTES
from blackstart.shop import Shop

_FLIP = """
import os, sys
with open(os.path.join(sys.argv[1], sys.argv[2]), "r+b") as file:
    file.seek(int(sys.argv[3]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[3]))
    file.write(bytes([byte ^ 1 << int(sys.argv[4])]))
    file.flush()
    os.fsync(file.fileno())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipBit(OnRelation):
    """One bit of one page of a table or an index, page and offset drawn from the run's seed.

    The database is stopped in the orderly way for it, and started again: customers notice that, and not the bit.
    """

    NAME: ClassVar[str] = "flip-bit"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["flip-bit"] = "flip-bit"

    def inject(self, shop: Shop, prepared: Spot) -> None:
        """Flip it."""
        draw = random.Random(f"{shop.plan.seed}/bit/{self.relation}")
        offset = prepared.blocks[0] * PAGE_BYTES + draw.randrange(PAGE_BYTES)
        while_stopped(shop, _FLIP, prepared.path, str(offset), str(draw.randrange(8)))

    def witness(self, shop: Shop, prepared: Spot) -> str | None:
        """The page's bytes, read from disk, do not have the checksum that the page was written with."""
        seen = unsound(shop, prepared)
        return f"{self.relation}: {seen}" if seen else None


EXTENSION = FlipBit
