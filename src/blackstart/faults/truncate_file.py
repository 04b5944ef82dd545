"""`truncate-file`: a file loses its end: a file system was repaired, a copy broke off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.families import Family
from blackstart.faults import pages
from blackstart.faults.on_relation import OnRelation, Spot, while_stopped
from blackstart.shop import Shop

_CUT = """
import os, sys
with open(os.path.join(sys.argv[1], sys.argv[2]), "r+b") as file:
    file.truncate(int(sys.argv[3]))
    os.fsync(file.fileno())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncateFile(OnRelation):
    """The second half of a table's or an index's file is cut off, in the middle of a page.

    PostgreSQL takes the pages that are left for all that there ever were.
    """

    NAME: ClassVar[str] = "truncate-file"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["truncate-file"] = "truncate-file"

    def inject(self, shop: Shop, prepared: Spot) -> None:
        """Cut it."""
        kept = prepared.bytes // pages.PAGE_BYTES // 2 * pages.PAGE_BYTES + pages.PAGE_BYTES // 2
        while_stopped(shop, _CUT, prepared.path, str(kept))

    def witness(self, shop: Shop, prepared: Spot) -> str | None:
        """The file on disk is shorter than it was; a table that lives grows."""
        size, _ = pages.read(shop, prepared.path)
        if size >= prepared.bytes:
            return None
        return f"{self.relation}: {prepared.path} has {size} bytes on disk; it had {prepared.bytes}"


EXTENSION = TruncateFile
