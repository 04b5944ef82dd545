"""The uploads volume of a live shop, taken out and put back with other contents."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Callable

from tests.contract.conftest import Live

from blackstart.engines.base import DeletesVolumes


def spooled(live: Live) -> bytes:
    """The uploads volume as a tar."""
    with live.stage.shop.engine.read_volume(live.stage.shop.volume("uploads")) as tar:
        return tar.read()


def replace_files(live: Live, tar: bytes) -> None:
    """The uploads volume with other files; the app that used it starts again."""
    shop = live.stage.shop
    assert isinstance(shop.engine, DeletesVolumes)
    shop.engine.delete_volume(shop.volume("uploads"))
    shop.engine.create_volume(shop.volume("uploads"))
    with tempfile.TemporaryFile() as spool:
        spool.write(tar)
        spool.seek(0)
        shop.engine.write_volume(shop.volume("uploads"), spool)
    shop.engine.start(shop.service("app"))


def changed_tar(content: bytes, change: Callable[[tarfile.TarInfo], None], *more: tarfile.TarInfo) -> bytes:
    """A tar with its members changed, and some more."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in [*old, *more]:
            stream = old.extractfile(member) if member.isreg() and member not in more else None
            change(member)
            new.addfile(member, stream)
    return out.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    """A link as a member of a tar."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = tarfile.SYMTYPE, target
    return made
