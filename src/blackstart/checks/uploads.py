"""`uploads`: every file is there, byte for byte, and every row has its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from blackstart.checks.base import Scene, observation
from blackstart.differences import file_differences
from blackstart.evidence import FileFingerprint, Files, Observation, Stage
from blackstart.ledger import Operation


class Uploads:
    """Files by BLAKE3. After a restore of the volume they equal the manifest; else seed and ledger."""

    NAME: ClassVar[str] = "uploads"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for the files, one for rows without their file."""
        # Rows first: the shop writes a file before its row, so every row seen has its file by now.
        with scene.shop.database() as connection:
            rows = connection.execute("SELECT path, bytes, op_id::text FROM uploads").fetchall()
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
        operations = scene.operations("upload")
        bare = {path: op for path, size, op in rows if path not in found or found[path].bytes != size}
        lost = sorted(
            path for path, op in bare.items() if path not in found and _is_loss(scene, operations.get(op or ""))
        )
        without = sorted(bare.keys() - set(lost))
        newer = sorted(found.keys() - {path for path, _, _ in rows})
        yield observation(
            Uploads,
            scene,
            "rows and files",
            expected={"rows without their file": 0},
            actual={"rows without their file": len(without)},
            differences=[f"row without its file: {path}" for path in without],
            warnings=[
                *(f"lost: row without its file, newer than the archive: {path}" for path in lost),
                *(f"file without a row: {path}" for path in newer),
            ],
        )


def _is_loss(scene: Scene, operation: Operation | None) -> bool:
    """Whether a row may lack its file because the file was lost, which the recovery point counts.

    That is so where the uploads came back from an archive older than the database beside them: the
    write was completed after the archive began, and before the fence was lifted. With the database of
    the same backup cycle there can be no such row, since its snapshot comes first.
    """
    if operation is None or "uploads" not in scene.restored or "database" in scene.restored:
        return False
    if scene.stage == "final":
        return operation.id in scene.bare_before
    archived = operation.completed_s is not None and operation.completed_s < scene.artefact_began_s("uploads")
    return operation.possible and not archived


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
