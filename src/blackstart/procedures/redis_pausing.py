"""What backups of Redis have in common: a moment in which nobody writes, and an RDB file that is whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import redis

from blackstart.procedures.base import BackupFailed
from blackstart.procedures.crc64 import crc64

PAUSE_MS = 5_000
END_MARK, CHECKSUM_BYTES = b"\xff", 8


@contextmanager
def paused(client: redis.Redis) -> Iterator[None]:
    """Writes wait; nothing expires either. BackupFailed if what was done meanwhile took longer than the pause."""
    client.execute_command("CLIENT", "PAUSE", PAUSE_MS, "WRITE")  # type: ignore[no-untyped-call]
    began = time.monotonic()
    try:
        yield
    finally:
        client.execute_command("CLIENT", "UNPAUSE")  # type: ignore[no-untyped-call]
    if time.monotonic() - began > PAUSE_MS / 1000:
        raise BackupFailed(f"what needs a pause of writes took longer than the pause of {PAUSE_MS} ms")


def info(client: redis.Redis, section: str) -> dict[str, Any]:
    """What the server says of itself."""
    return dict(client.info(section))


def rdb_ending(file: IO[bytes], size: int) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """End mark and checksum of an RDB file of `size` bytes: as they must be, as they are, and what is wrong."""
    file.seek(max(0, size - 1 - CHECKSUM_BYTES))
    end, stored = file.read(1), file.read(CHECKSUM_BYTES)[::-1]
    file.seek(0)
    computed = crc64(file, max(0, size - CHECKSUM_BYTES))
    expected = {"end mark": END_MARK.hex(), "checksum": f"{computed:016x}"}
    actual = {"end mark": end.hex(), "checksum": stored.hex()}
    wrong = [] if end == END_MARK else ["the file has no end mark before its checksum: it was cut"]
    if expected["checksum"] != actual["checksum"]:
        wrong.append(f"the file's checksum is {stored.hex()}, its bytes' is {computed:016x}")
    return expected, actual, wrong
