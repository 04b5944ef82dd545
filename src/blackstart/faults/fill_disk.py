"""`fill-disk`: a disk is full: of logs, of dumps that nobody removed, of one upload too many."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.base import BoundsVolumes
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.units import Size, format_size

FILLER = ".blackstart-filler"
"""Hidden, so that no check takes it for the shop's."""
LARGEST = 10**9
"""A tmpfs is memory: nobody's machine is to run out of it."""

_ROOM = """
import os, sys
seen = os.statvfs(sys.argv[1])
print(seen.f_blocks * seen.f_frsize, seen.f_bavail * seen.f_frsize)
"""
_FILL = """
import errno, os, sys
folder, name, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = os.statvfs(folder)
if seen.f_blocks * seen.f_frsize > most:
    sys.exit("the file system is larger than it was to be")
block = bytes(1 << 20)
with open(os.path.join(folder, name), "wb", buffering=0) as file:
    try:
        while True:
            file.write(block)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
"""
_TRY = """
import os, secrets, sys
path = os.path.join(sys.argv[1], ".blackstart-" + secrets.token_hex(8))
try:
    with open(path, "xb", buffering=0) as file:
        file.write(secrets.token_bytes(4096))
        os.fsync(file.fileno())
    print(0)
except OSError as error:
    print(error.errno)
finally:
    if os.path.exists(path):
        os.remove(path)
"""
_EMPTY = """
import os, sys
path = os.path.join(sys.argv[1], sys.argv[2])
if os.path.exists(path):
    os.remove(path)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillDisk(Fault):
    """From the start the volume is a file system of its own (a tmpfs of `size`); one file grows until a write fails.

    A file system that is larger than that is not filled: it would be somebody else's too. What was written stays
    readable, and the shop works on as far as it writes nothing there.
    """

    NAME: ClassVar[str] = "fill-disk"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["fill-disk"] = "fill-disk"
    volume: str
    size: Size
    """At most 1 GB."""

    def __post_init__(self) -> None:
        """ValueError if it would take more memory than anybody has to spare."""
        if self.size > LARGEST:
            raise ValueError(f"a disk of at most {format_size(LARGEST)}, since it is memory")

    @property
    def needs(self) -> type:
        """Giving a volume a file system of its own, which without Docker only root may."""
        return BoundsVolumes

    @property
    def target(self) -> str:
        """The volume."""
        return self.volume

    def arrange(self, shop: Shop) -> None:
        """Have the volume made so."""
        _engine(shop).bound_volume(self.volume, int(self.size))

    def prepare(self, shop: Shop) -> None:
        """See that it has no more room than it was to have, and some; RuntimeError if not: then nothing is filled."""
        room, free = (int(word) for word in _engine(shop).on_volume(self.volume, _ROOM).split())
        if room > self._most:
            raise RuntimeError(
                f"{self.volume} has {format_size(room)} of room, not {format_size(self.size)}: not filled"
            )
        if self._fails(shop):
            raise RuntimeError(f"{self.volume} takes nothing more before it is filled: {format_size(free)} are free")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Fill it."""
        _engine(shop).on_volume(self.volume, _FILL, FILLER, str(self._most))

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A small write by something started afresh meets ENOSPC."""
        if not self._fails(shop):
            return None
        room, free = (int(word) for word in _engine(shop).on_volume(self.volume, _ROOM).split())
        return (
            f"{self.volume}: a write of 4096 bytes by something started afresh meets ENOSPC;"
            f" of {format_size(room)} {format_size(free)} are free"
        )

    def heal(self, shop: Shop, prepared: None) -> None:
        """Remove what fills it."""
        _engine(shop).on_volume(self.volume, _EMPTY, FILLER)

    @property
    def _most(self) -> int:
        """The room that is its own: the size, rounded up to whole pages of any machine."""
        return int(self.size) + (1 << 16)

    def _fails(self, shop: Shop) -> bool:
        """Whether a small write meets ENOSPC; RuntimeError if it fails otherwise."""
        number = int(_engine(shop).on_volume(self.volume, _TRY))
        if number not in (0, errno.ENOSPC):
            raise RuntimeError(f"a small write on {self.volume} fails otherwise: {os.strerror(number)}")
        return bool(number)


def _engine(shop: Shop) -> BoundsVolumes:
    engine = shop.engine
    assert isinstance(engine, BoundsVolumes)
    return engine


EXTENSION = FillDisk
