"""The files of a backup folder as one artefact, and whether each of them can be read to its end."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from blackstart.backups import Backup, digest
from blackstart.checks import parse
from blackstart.engines.embedded.unpacking import unpack
from blackstart.errors import NotConducted
from blackstart.evidence import Observation
from blackstart.procedures import archives, dumps
from blackstart.procedures.redis_pausing import rdb_ending
from blackstart.shop import Shop
from blackstart.stack import Role

_GZIP = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20
_BROKEN = (OSError, EOFError, zlib.error, tarfile.TarError)


def pack(folder: Path, artefact: Path) -> dict[str, str]:
    """All files of a folder as one tar; returns their SHA-256 by path. The folder goes."""
    found = {}
    with tarfile.open(artefact, "w") as tar:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
            name = str(path.relative_to(folder))
            tar.add(path, name, recursive=False)
            found[name] = digest(path)[1]
    shutil.rmtree(folder)
    return found


def unpacked(backup: Backup) -> Path:
    """The backup folder as it was, made anew; tarfile.TarError or NotConducted if the artefact cannot be read."""
    folder = backup.folder / "files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with backup.artefact.open("rb") as tar:
        unpack(tar, folder)
    return folder


def examined(backup: Backup, role: Role, shop: Shop) -> Observation:
    """Every file is there as it was made and, where its kind is known here, can be read to its end."""
    kind = parse.kind_of(backup.artefact)
    if kind != parse.TAR:
        return parse.wrong_kind(role, wanted=parse.TAR, found=kind)
    listed: dict[str, str] = dict(backup.manifest.options.get("files", {}))
    broken, unknown, held = [], [], dict[str, str]()
    try:
        folder = unpacked(backup)
        held = {str(p.relative_to(folder)): digest(p)[1] for p in sorted(folder.rglob("*")) if p.is_file()}
        broken += [how for how in [archives.read(backup.artefact)[1]] if how]
        for name in held:
            how, known = _read(folder / name, shop)
            broken += [f"{name}: {how}"] if how else []
            unknown += [] if known else [f"{name}: nothing here can read what it is"]
    except (*_BROKEN, NotConducted) as error:
        broken.append(f"the artefact cannot be read to its end: {str(error).splitlines()[0]}")
    differences = [
        *broken,
        *(f"the artefact has no file {name}" for name in sorted(listed.keys() - held.keys())),
        *(f"{name} is not the file that was made" for name in sorted(held) if held[name] != listed.get(name)),
    ]
    return parse.observed(
        role,
        expected={"files": len(listed), "whole": True},
        actual={"files": len(held), "whole": not broken},
        differences=differences,
        warnings=[*(f"backup, {told}" for told in _steps(backup)), *unknown],
    )


def _steps(backup: Backup) -> Iterator[str]:
    """How each step went that made it."""
    for step in backup.manifest.steps:
        yield f"step {step['number']}, {step['step']}: exit code {step['exit_code']} after {step['took_s']} s"


def _read(path: Path, shop: Shop) -> tuple[str, bool]:
    """How a file breaks off, or nothing; and whether its kind is known here."""
    kind = parse.kind_of(path)
    if kind == "empty":
        return "it is empty", True
    if kind == parse.PLAIN_DUMP:
        return dumps.plain(path)[1], True
    if kind == parse.TAR:
        return archives.read(path)[1], True
    if kind == parse.CUSTOM_DUMP:
        with path.open("rb") as dump:
            done = shop.engine.execute(shop.service("database"), ["pg_restore", "--file=/dev/null"], stdin=dump)
        return "the dump cannot be read to its end" if done.status else "", True
    if kind == parse.RDB:
        with path.open("rb") as file:
            return "; ".join(rdb_ending(file, path.stat().st_size)[2]), True
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return (_gzip(path), True) if zipped else ("", False)


def _gzip(path: Path) -> str:
    """It carries a checksum and a length at its end."""
    try:
        with gzip.open(path, "rb") as file:
            while file.read(_CHUNK_BYTES):
                pass
    except _BROKEN as error:
        return f"it cannot be unpacked to its end: {error}"
    return ""
