"""What the shop's uploads do not have, put there before the backup: other shops have it."""

from __future__ import annotations

import tarfile
import tempfile

from blackstart.shop import Shop

FOLDER = "documents/archive"
"""With nothing in it: an archive that lists files alone would lose it."""
LINK, TARGET = "products/newest.png", "seed-000001.png"


def put(shop: Shop) -> None:
    """An empty folder, and a link from one file of the volume to another, as the app would own them."""
    volume = shop.volume("uploads")
    with shop.engine.read_volume(volume) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        owner = next((member for member in tar if member.name == "."), tarfile.TarInfo("."))
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as out:
            for name, kind in ((FOLDER, tarfile.DIRTYPE), (LINK, tarfile.SYMTYPE)):
                member = tarfile.TarInfo(name)
                member.type, member.mode = kind, 0o755
                member.uid, member.gid = owner.uid, owner.gid
                member.linkname = TARGET if kind == tarfile.SYMTYPE else ""
                out.addfile(member)
        packed.seek(0)
        shop.engine.write_volume(volume, packed)
