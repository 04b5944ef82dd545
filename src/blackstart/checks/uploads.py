"""`uploads`: every file is there, byte for byte, and every row has its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from blackstart.checks.base import Scene, observation
from blackstart.evidence import FileFingerprint, Files, Observation, Stage, file_differences
from blackstart.observe import files


class Uploads:
    """Files by BLAKE3. After a restore of the volume they equal the manifest; else seed and ledger."""

    NAME: ClassVar[str] = "uploads"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for the files, one for rows without their file."""
        with scene.shop.engine.read_volume(scene.shop.volume("uploads")) as tar:
            found = files.fingerprint(tar)
        expected = scene.expected_files() or _by_ledger(scene, found)
        yield observation(
            Uploads,
            scene,
            "files",
            expected=len(expected),
            actual=len(found),
            differences=file_differences(expected, found),
        )
        with scene.shop.database() as connection:
            rows = connection.execute("SELECT path, bytes FROM uploads").fetchall()
        sizes = dict(rows)
        without = sorted(path for path, size in sizes.items() if path not in found or found[path].bytes != size)
        newer = sorted(path for path in found if path not in sizes)
        yield observation(
            Uploads,
            scene,
            "rows and files",
            expected={"rows without their file": 0},
            actual={"rows without their file": len(without)},
            differences=[f"row without its file: {path}" for path in without],
            warnings=[f"file without a row: {path}" for path in newer],
        )


def path_of(operation_id: str) -> str:
    """Where the shop keeps the picture of an upload."""
    return f"products/{operation_id}.png"


def _by_ledger(scene: Scene, found: Files) -> Files:
    """The seed's files, and each customer's that is there, as the ledger says it must be.

    A customer's file that is not there is a loss, which the ledger check counts.
    """
    written = {}
    for operation in scene.operations("upload").values():
        path = path_of(operation.id)
        if path in found and operation.possible:
            written[path] = FileFingerprint(bytes=operation.value["bytes"], blake3=operation.value["blake3"])
    return {**scene.seed.files, **written}


EXTENSION = Uploads
