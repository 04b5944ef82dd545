"""`tear-page`: power goes while a page is written: one half of it reaches the disk, the other does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.on_relation import ZERO, OnRelation, Spot, unsound, while_stopped
from blackstart.faults.pages import PAGE_BYTES
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class TearPage(OnRelation):
    """The second half of a page, drawn from the run's seed, is what the disk had before it: zeros.

    PostgreSQL mends a torn page from its log if it was torn in a crash; here the log has moved on, as it has
    where a disk lied about what it had written.
    """

    NAME: ClassVar[str] = "tear-page"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["tear-page"] = "tear-page"

    def inject(self, shop: Shop, prepared: Spot) -> None:
        """Tear it."""
        half = PAGE_BYTES // 2
        while_stopped(shop, ZERO, prepared.path, str(prepared.blocks[0] * PAGE_BYTES + half), str(half))

    def witness(self, shop: Shop, prepared: Spot) -> str | None:
        """The page's bytes, read from disk, do not have the checksum that the page was written with."""
        seen = unsound(shop, prepared)
        return f"{self.relation}: {seen}" if seen else None


EXTENSION = TearPage
