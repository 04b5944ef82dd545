"""`zero-range`: a file system forgets what was written: a range of a file reads as zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from blackstart.families import Family
from blackstart.faults import pages
from blackstart.faults.on_relation import ZERO, OnRelation, Spot, while_stopped
from blackstart.scenario import Bounds
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroRange(OnRelation):
    """Whole pages of a table or an index become zeros, from a page on that is drawn from the run's seed.

    To PostgreSQL a page of zeros is a new one: no checksum fails, and the rows are missed by nobody but who counts.
    """

    NAME: ClassVar[str] = "zero-range"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["zero-range"] = "zero-range"
    pages: Annotated[int, Bounds(1, 1000)] = 1

    def inject(self, shop: Shop, prepared: Spot) -> None:
        """Zero them; the range ends with the file."""
        first = prepared.blocks[0] * pages.PAGE_BYTES
        length = min(self.pages * pages.PAGE_BYTES, prepared.bytes - first)
        while_stopped(shop, ZERO, prepared.path, str(first), str(length))

    def witness(self, shop: Shop, prepared: Spot) -> str | None:
        """The page with which the range begins, read from disk, is nothing but zeros; it had data before."""
        block = prepared.blocks[0]
        _, (page,) = pages.read(shop, prepared.path, block)
        if any(page):
            return None
        return f"{self.relation}: page {block} of {prepared.path} on disk is {len(page)} zeros; it held data before"


EXTENSION = ZeroRange
