"""`second-uploader`: something else than the shop writes uploads, in place: an image optimiser, a wrong sync."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Literal

import httpx

from blackstart.activities.http_client import client
from blackstart.engines.beside import RunsWriters
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack
from blackstart.waiting import poll

WRITER = "uploader"
LONGEST_S = 120
"""It ends by itself after that, whoever forgets it."""
CHANGES_WITHIN_S = 1.0
_WRITE = """
import os, pathlib, sys, time

folder, path, longest_s = sys.argv[1:]
until = time.monotonic() + float(longest_s)
with pathlib.Path(folder, path).open("r+b", buffering=0) as file:
    half = os.fstat(file.fileno()).st_size // 2
    while time.monotonic() < until:
        file.seek(0)
        for _ in range(2):  # whoever reads in between has a bit of either
            file.write(os.urandom(half))
            time.sleep(0.01)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of the shop, as it was."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondUploader(Fault):
    """A program on the uploads volume writes over one picture, again and again, half by half; its size stays.

    Two storefronts do no such thing: an upload's path is its operation's id, and a file is whole when it gets its
    name and never changes, so the second one to come finds the same bytes or refuses.
    """

    NAME: ClassVar[str] = "second-uploader"
    FAMILY: ClassVar[Family] = "writers"

    kind: Literal["second-uploader"] = "second-uploader"

    @property
    def needs(self) -> type:
        """A program beside the storefront."""
        return RunsWriters

    @property
    def target(self) -> str:
        """Whose file is written over."""
        return "an upload"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The uploads."""
        return ("uploads",)

    def names(self, prepared: Upload) -> str:
        """Whoever finds it must name the file."""
        return prepared.path

    def prepare(self, shop: Shop) -> Upload:
        """A customer's upload if there is one, served as its row says; RuntimeError if it is not."""
        query = "SELECT path, encode(sha256, 'hex') FROM uploads ORDER BY op_id IS NULL, upload_id LIMIT 1"
        with shop.database() as connection:
            row = connection.execute(query).fetchone()
        if row is None:
            raise RuntimeError("nobody has uploaded anything yet")
        upload = Upload(path=row[0], sha256=row[1])
        if _served(shop, upload) != upload.sha256:
            raise RuntimeError(f"{upload.path} is not served as its row says before anybody has written over it")
        return upload

    def inject(self, shop: Shop, prepared: Upload) -> None:
        """Start the program."""
        _engine(shop).begin_writer(WRITER, shop.volume("uploads"), _WRITE, prepared.path, str(LONGEST_S))

    def witness(self, shop: Shop, prepared: Upload) -> str | None:
        """The shop serves other bytes than it acknowledged, and a moment later others again."""
        first = _served(shop, prepared)
        if first in (None, prepared.sha256):
            return None

        def another() -> str | None:
            now = _served(shop, prepared)
            return None if now == first else now

        second = poll(another, within_s=CHANGES_WITHIN_S)
        if second is None:
            return None
        row = prepared.sha256
        return f"{prepared.path}: served with sha256 {first[:12]}…, then {second[:12]}…; its row says {row[:12]}…"

    def heal(self, shop: Shop, prepared: Upload) -> None:
        """End the program; the bytes that it wrote over do not come back by that."""
        _engine(shop).end_beside(WRITER)


def _served(shop: Shop, upload: Upload) -> str | None:
    """The SHA-256 of what the shop serves; None if it serves nothing."""
    try:
        with client(shop.url) as http:
            answer = http.get(f"/uploads/{upload.path}")
    except httpx.HTTPError:
        return None
    return hashlib.sha256(answer.content).hexdigest() if answer.is_success else None


def _engine(shop: Shop) -> RunsWriters:
    engine = shop.engine
    assert isinstance(engine, RunsWriters)
    return engine


EXTENSION = SecondUploader
