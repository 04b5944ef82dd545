"""Puts the seeded files into the uploads volume: in place, or as one tar stream."""

import contextlib
import os
import tarfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

from blackstart.engines.base import Volumes
from blackstart.errors import NotConducted
from blackstart.seeding import files
from blackstart.seeding.files import SeedFile, UploadRow
from blackstart.seeding.meter import Meter
from blackstart.seeding.scale import Scale

Made = TypeVar("Made")

WORKERS: Final = min(4, max(2, os.cpu_count() or 1))
_AHEAD: Final = 4 * WORKERS
_BUFFER: Final = 1 << 20
_RUN: Final = 20


def fill(engine: Volumes, volume: str, scale: Scale, seed: int, *, say: Callable[[str], None]) -> list[UploadRow]:
    """Draw, hash and write all files of an empty volume; return what the database keeps of them, in order.

    Threads draw them side by side, a few ahead of the one that is taken, so memory does not grow with
    their number. NotConducted and OSError pass through, and then some files may have been written.
    """
    meter = Meter(say, "files", scale.files)
    folder = engine.folder_of(volume)
    if folder is not None:
        return fill_folder(folder, scale, seed, meter)
    with engine.read_volume(volume) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        # The shop's own user, if containers have one: files of anybody else's it could not work with.
        owner = next((member for member in tar if member.name == "."), tarfile.TarInfo("."))
    reader, writer = os.pipe()
    with ThreadPoolExecutor(1, "pack") as packer, open(reader, "rb") as packed:  # noqa: PTH123 -- a descriptor
        rows = packer.submit(_pack, writer, owner, scale, seed, meter)
        try:
            engine.write_volume(volume, packed)
        except NotConducted:
            packed.close()
            with contextlib.suppress(BrokenPipeError):
                rows.result()  # if the stream broke off by an error of ours, that is the one to tell
            raise
        return rows.result()


def fill_folder(folder: Path, scale: Scale, seed: int, meter: Meter) -> list[UploadRow]:
    """Write the files where this process can; rows and errors as for `fill`."""

    def write(first: int) -> list[UploadRow]:
        rows = []
        for number in range(first, min(first + _RUN, scale.files + 1)):
            file = files.draw(scale, seed, number)
            path = folder / file.path
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file.content)
            rows.append(UploadRow.of(file))
        meter.add(len(rows))
        return rows

    return [row for rows in _each(write, range(1, scale.files + 1, _RUN)) for row in rows]


def _pack(writer: int, owner: tarfile.TarInfo, scale: Scale, seed: int, meter: Meter) -> list[UploadRow]:
    """Write the files as a tar into a pipe's end, folders before what is in them."""

    def make(number: int) -> tuple[SeedFile, UploadRow]:
        file = files.draw(scale, seed, number)
        return file, UploadRow.of(file)

    rows, folders = [], set()
    with open(writer, "wb", _BUFFER) as out:
        for file, row in _each(make, range(1, scale.files + 1)):
            folder = str(PurePosixPath(file.path).parent)
            if folder not in folders:
                folders.add(folder)
                out.write(_header(folder, owner, type=tarfile.DIRTYPE, mode=0o755))
            out.write(_header(file.path, owner, size=row.bytes, mode=0o644))
            out.write(file.content)
            out.write(bytes(-row.bytes % tarfile.BLOCKSIZE))
            rows.append(row)
            meter.add(1)
        out.write(bytes(2 * tarfile.BLOCKSIZE))
    return rows


def _header(path: str, owner: tarfile.TarInfo, **fields: int | bytes) -> bytes:
    """A member's header; TarFile itself, on a pipe, copies its whole buffer for each of them."""
    member = tarfile.TarInfo(path)
    for name, value in {**fields, "uid": owner.uid, "gid": owner.gid, "mtime": int(time.time())}.items():
        setattr(member, name, value)
    return member.tobuf()


def _each(make: Callable[[int], Made], numbers: range) -> Iterator[Made]:
    """What `make` returns for each number, in order, made by several threads and only a few ahead."""
    with ThreadPoolExecutor(WORKERS, "files") as pool:
        waiting: deque[Future[Made]] = deque()
        for number in numbers:
            waiting.append(pool.submit(make, number))
            if len(waiting) == _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
