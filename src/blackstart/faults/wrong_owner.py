"""`wrong-owner`: files that root copied, another user id in a new image: permission denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.containers import EntersContainers
from blackstart.families import Family
from blackstart.faults.planted_inside import entered, refusal
from blackstart.scenario import Fault
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
class WrongOwner(Fault):
    """Every file and folder of the volume goes to a user whom the container does not know; the service starts again.

    A service that runs as root, or whose image takes ownership when it starts, is not harmed: then there is no
    witness.
    """

    NAME: ClassVar[str] = "wrong-owner"
    FAMILY: ClassVar[Family] = "mounts"

    kind: Literal["wrong-owner"] = "wrong-owner"
    service: str
    volume: str

    @property
    def needs(self) -> type:
        """Changing a volume's files, and writing as the service does."""
        return EntersContainers

    @property
    def target(self) -> str:
        """The mount."""
        return f"{self.volume} of {self.service}"

    def prepare(self, shop: Shop) -> None:
        """See that the service can write now; RuntimeError if not: then a refusal would prove nothing."""
        why = refusal(shop, self.service, self.volume)
        if why:
            raise RuntimeError(f"{self.service} cannot write to {self.volume} before the harm: {why}")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Shift all ids upwards, and start the service again."""
        entered(shop).on_volume(self.volume, CHOWN, str(SHIFT))
        shop.engine.stop(self.service)
        shop.engine.launch(self.service)

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A write in the service's own container, as its own user, is denied."""
        why = refusal(shop, self.service, self.volume)
        if "Permission denied" not in why:
            return None
        return f"{self.service}: a file was written to {self.volume} before, and now: {why}"

    def heal(self, shop: Shop, prepared: None) -> None:
        """Shift those ids back by exactly as much."""
        entered(shop).on_volume(self.volume, CHOWN, str(-SHIFT))


EXTENSION = WrongOwner
