"""Seeded files arrive in their volume, in place or through a tar stream."""

import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest

from blackstart.engines.base import Volumes
from blackstart.errors import NotConducted
from blackstart.seeding import files, volume
from blackstart.seeding.files import SeedFile
from blackstart.seeding.scale import SCALES, Scale

FEW = replace(SCALES["small"], files=50)
OWNER = 991


class Streamed(Volumes):
    """A volume that takes tar streams; its top folder belongs to the shop's user."""

    def __init__(self) -> None:
        self.members: dict[str, tuple[tarfile.TarInfo, bytes]] = {}

    def folder_of(self, volume: str) -> Path | None:
        return None

    @contextmanager
    def read_volume(self, volume: str, *only: str) -> Iterator[IO[bytes]]:
        packed, top = BytesIO(), tarfile.TarInfo(".")
        top.type, top.uid, top.gid = tarfile.DIRTYPE, OWNER, OWNER
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.addfile(top)
        packed.seek(0)
        yield packed

    def write_volume(self, volume: str, tar: IO[bytes]) -> None:
        with tarfile.open(fileobj=tar, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member)
                self.members[member.name] = (member, content.read() if content else b"")

    def create_volume(self, volume: str) -> None:
        raise NotImplementedError


class Folder(Streamed):
    """A volume that this process can write."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def folder_of(self, volume: str) -> Path:
        return self.path


class Refusing(Streamed):
    """A volume whose writer ends after a few bytes, as a container does that is killed."""

    def write_volume(self, volume: str, tar: IO[bytes]) -> None:
        tar.read(1_000)
        raise NotConducted("writing the volume ended with 137")


def test_in_place_and_streamed_are_the_same(tmp_path: Path) -> None:
    """Both ways give the same files and the same rows, in the order of their numbers."""
    streamed = Streamed()
    rows = volume.fill(Folder(tmp_path), "uploads", FEW, 42, say=lambda _: None)

    assert rows == volume.fill(streamed, "uploads", FEW, 42, say=lambda _: None)
    assert [row.path for row in rows] == [files.draw(FEW, 42, number).path for number in range(1, 51)]
    for row in rows:
        content = (tmp_path / row.path).read_bytes()

        assert (row.bytes, row.sha256) == (len(content), hashlib.sha256(content).digest())
        assert content == streamed.members[row.path][1]
    assert {path.name for path in tmp_path.iterdir()} == {"products", "documents"}


def test_streamed_files_belong_to_the_shop() -> None:
    """Folders come before what is in them, and all of it is the shop's user's."""
    streamed = Streamed()
    volume.fill(streamed, "uploads", FEW, 42, say=lambda _: None)
    names = list(streamed.members)

    assert {OWNER} == {member.uid for member, _ in streamed.members.values()}
    assert names.index("products") < names.index(next(name for name in names if name.startswith("products/")))


def test_a_writer_that_fails_is_the_reason() -> None:
    """What drew the files stops, and the engine's own error is told."""
    with pytest.raises(NotConducted, match="ended with 137"):
        volume.fill(Refusing(), "uploads", replace(FEW, files=2_000), 42, say=lambda _: None)


@pytest.mark.parametrize("kind", ["folder", "stream"])
def test_a_drawing_that_fails_is_the_reason(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that broke off because of an error of ours tells that error."""
    real = files.draw

    def draw(scale: Scale, seed: int, number: int) -> SeedFile:
        if number == 30:
            raise ZeroDivisionError
        return real(scale, seed, number)

    monkeypatch.setattr(files, "draw", draw)
    with pytest.raises(ZeroDivisionError):
        volume.fill(Folder(tmp_path) if kind == "folder" else Streamed(), "uploads", FEW, 42, say=lambda _: None)
