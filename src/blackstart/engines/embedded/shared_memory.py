"""The System V segment by which PostgreSQL notices a second server on its data.

A server that is killed leaves it in the kernel, where no removal of folders reaches it. Its data
folder names it, and the kernel names its creator; only a segment on which both agree, and which
nobody has attached, is removed.
"""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

_IPC_RMID = 0
_LISTING = Path("/proc/sysvipc/shm")


def remove_segment(data: Path) -> None:
    """Remove what a killed server left behind; nothing happens where there is nothing of it."""
    lines = _lines(data / "postmaster.pid")
    numbers = lines[6].split() if len(lines) > 6 else []
    # A server in single-user mode writes its process id with a minus before it.
    if len(numbers) == 2 and (int(numbers[1]), abs(int(lines[0]))) in _unattached():
        ctypes.CDLL(None).shmctl(int(numbers[1]), _IPC_RMID, None)


def _unattached() -> set[tuple[int, int]]:
    """Segment and creator of all that no process has attached (Linux; elsewhere nothing is known)."""
    rows = [line.split() for line in _lines(_LISTING)[1:]]
    return {(int(row[1]), int(row[4])) for row in rows if row[6] == "0"}


def _lines(path: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return path.read_text().splitlines()
    return []
