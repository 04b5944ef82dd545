"""`parse`: the backup's file is of its kind, whole, and lists what its manifest has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from blackstart.checks.base import while_restoring
from blackstart.evidence import Observation, Stage, shorten
from blackstart.stack import Role


class Parse:
    """Observed once there is a server whose tools can read it. Each procedure knows how its own is read."""

    NAME: ClassVar[str] = "parse"
    LAYER: ClassVar[int] = 2
    STAGES: ClassVar[Sequence[Stage]] = ()


CUSTOM_DUMP, PLAIN_DUMP, TAR, RDB = "a custom dump", "a plain dump", "a tar", "an RDB file"
INDEX = "an index of files"
_HEAD_BYTES = 1024
_HEADS = ((0, b"PGDMP", CUSTOM_DUMP), (0, b"REDIS", RDB), (257, b"ustar", TAR), (0, b'{"index":', INDEX))


def kind_of(artefact: Path) -> str:
    """What a file is, by its first bytes."""
    if not artefact.is_file():
        return "no file"
    with artefact.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for offset, magic, kind in _HEADS:
        if head[offset : offset + len(magic)] == magic:
            return kind
    if b"-- PostgreSQL database dump" in head:
        return PLAIN_DUMP
    return "unknown" if head else "empty"


def observed(
    role: Role, *, expected: Any, actual: Any, differences: Sequence[str] = (), warnings: Sequence[str] = ()
) -> Observation:
    """What a procedure found in its artefact."""
    return while_restoring(
        Parse,
        role,
        expected=expected,
        actual=actual,
        differences=shorten(differences),
        differing=len(differences),
        warnings=shorten(warnings),
    )


def wrong_kind(role: Role, *, wanted: str, found: str) -> Observation:
    """An artefact that is something else altogether: nobody need read on."""
    return observed(role, expected=wanted, actual=found, differences=[f"the artefact is {found}, not {wanted}"])


EXTENSION = Parse
