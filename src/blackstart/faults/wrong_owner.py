"""`wrong-owner`: files that root copied, another user id in a new image: permission denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.faults.planted_inside import entered
from blackstart.faults.refused_writes import RefusedWrites
from blackstart.shop import Shop

SHIFT = 100_000
"""As far as Docker's own user namespaces move every id; nothing in a container has one as high."""
CHOWN = """
import os, sys
root, by = sys.argv[1], int(sys.argv[2])
def shift(path):
    was = os.lstat(path)
    if (was.st_uid >= abs(by)) == (by < 0):
        os.lchown(path, was.st_uid + by, was.st_gid + by)
shift(root)
for folder, folders, files in os.walk(root):
    for name in folders + files:
        shift(os.path.join(folder, name))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongOwner(RefusedWrites):
    """Every file and folder of the volume goes to a user whom the container does not know; the service starts again.

    A service that runs as root, or whose image takes ownership when it starts, is not harmed: then there is no
    witness.
    """

    NAME: ClassVar[str] = "wrong-owner"
    SAYS: ClassVar[str] = "Permission denied"

    kind: Literal["wrong-owner"] = "wrong-owner"

    def inject(self, shop: Shop, prepared: None) -> None:
        """Shift all ids upwards, and start the service again."""
        entered(shop).on_volume(self.volume, CHOWN, str(SHIFT))
        shop.engine.stop(self.service)
        shop.engine.launch(self.service)

    def heal(self, shop: Shop, prepared: None) -> None:
        """Shift those ids back by exactly as much."""
        entered(shop).on_volume(self.volume, CHOWN, str(-SHIFT))


EXTENSION = WrongOwner
