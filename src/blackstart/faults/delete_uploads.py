"""`delete-uploads`: an `rm -rf` in the wrong folder, or a clean-up job whose pattern matched everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.on_uploads import Noted, OnUploads, found_now, on_uploads
from blackstart.shop import Shop

_DELETE = """
import os, shutil, sys
for entry in os.scandir(sys.argv[1]):
    if entry.name.startswith("."):
        continue
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)  # a file that comes meanwhile keeps its folder
    else:
        os.remove(entry.path)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUploads(OnUploads):
    """What `rm -rf *` does on the volume while the shop runs: every file and folder goes, the volume stays.

    The database goes on listing them, the shop goes on taking new ones, and its health check is content.
    """

    NAME: ClassVar[str] = "delete-uploads"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["delete-uploads"] = "delete-uploads"

    def inject(self, shop: Shop, prepared: Noted) -> None:
        """Delete them."""
        on_uploads(shop, _DELETE)

    def witness(self, shop: Shop, prepared: Noted) -> str | None:
        """Something started afresh on the volume finds none of the files that were there."""
        if found_now(shop, prepared):
            return None
        count = len(prepared.files)
        return f"the uploads: none of {count} files that were there is found afresh, {prepared.named} among them"


EXTENSION = DeleteUploads
