"""A volume's tar as an artefact: what it holds, and whether it has its end."""

from __future__ import annotations

import tarfile
from pathlib import Path

from blackstart.evidence import Files
from blackstart.observe import files

_END_BYTES = 2 * tarfile.BLOCKSIZE


def read(artefact: Path) -> tuple[Files, str]:
    """What a tar holds, and how it breaks off; empty if it is whole. Cut behind a member, it reads like a whole one."""
    with artefact.open("rb") as tar:
        try:
            found, end = files.archived(tar)
        except tarfile.TarError as error:
            return {}, f"the archive cannot be read to its end: {error}"
        tar.seek(end)
        return found, "" if tar.read(_END_BYTES) == bytes(_END_BYTES) else "the archive has no end blocks: it was cut"
