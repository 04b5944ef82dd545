"""File systems of a given size for volumes that have to be able to be full: a tmpfs on the volume's folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from blackstart.child import ask
from blackstart.errors import NotConducted
from blackstart.state import StateFolder
from blackstart.waiting import poll

KIND = "mount"
"""Under which they are announced, by the volume's name."""
UNMOUNTED_WITHIN_S = 10.0


@cache
def missing() -> str | None:
    """What keeps this process from mounting any; tried where nobody else sees it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux may mount a file system of a given size; on Docker the daemon does it"
    tried = ["unshare", "--mount", "--", "mount", "-t", "tmpfs", "tmpfs", "/"]
    if not shutil.which(tried[0]) or subprocess.run(tried, capture_output=True, check=False).returncode:
        return "this kernel lets nobody mount a file system here; on Docker the daemon does it"
    return None


def mount(state: StateFolder, folder: Path, size_bytes: int) -> None:
    """Give a volume's folder so much room, unless it has it; announced first."""
    if folder.is_mount():
        return
    state.creating(KIND, folder.name)
    if ask(["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0700,nosuid,nodev", "tmpfs", str(folder)]) is None:
        raise NotConducted(f"no file system can be mounted on {folder}")


def unmount(folder: Path) -> bool:
    """Take it away with all that is in it; False if somebody goes on using it. Nothing happens without one."""

    def gone() -> bool:
        return not folder.is_mount() or ask(["umount", str(folder)]) is not None

    return bool(poll(gone, within_s=UNMOUNTED_WITHIN_S))


def left(state: StateFolder, volumes: Path) -> Iterator[str]:
    """Take away all that a run announced; yields those that stay."""
    for name in dict.fromkeys(made.name for made in state.created() if made.kind == KIND):
        if not unmount(volumes / name):
            yield f"{KIND} {volumes / name}"
