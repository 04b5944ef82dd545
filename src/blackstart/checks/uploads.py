"""`uploads`: every file, folder and link is there as it was, byte for byte, and none is unexplained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import ClassVar

from blackstart.checks.base import Scene, observation
from blackstart.differences import file_differences
from blackstart.evidence import FileFingerprint, Files, Observation, Stage


class Uploads:
    """Content, kind, mode, owner. After a restore of the volume all equal the manifest; else seed and ledger."""

    NAME: ClassVar[str] = "uploads"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for all that the volume holds."""
        found = scene.files()
        expected = scene.expected_files() or _by_ledger(scene, found)
        yield observation(
            Uploads,
            scene,
            "files",
            expected=len(expected),
            actual=len(found),
            differences=file_differences(expected, found),
        )


def path_of(operation_id: str) -> str:
    """Where the shop keeps the picture of an upload."""
    return f"products/{operation_id}.png"


def _by_ledger(scene: Scene, found: Files) -> Files:
    """What was seeded, and each customer's file that is there, as the ledger says it must be.

    A customer's file that is not there is a loss, which the ledger check counts. The ledger knows what a
    file holds; its mode and owner are the shop's affair, and so are folders that it had to make.
    """
    written: dict[str, FileFingerprint] = {}
    for operation in scene.operations("upload").values():
        path = path_of(operation.id)
        if path in found and operation.possible:
            written[path] = FileFingerprint(bytes=operation.value["bytes"], blake3=operation.value["blake3"])
            folder = str(PurePosixPath(path).parent)
            written[folder] = FileFingerprint(bytes=0, blake3="", kind="folder")
    return {**written, **scene.seed.files}


EXTENSION = Uploads
