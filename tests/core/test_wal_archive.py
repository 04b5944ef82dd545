"""The copy of a server's log: every byte once, whatever fails in between, and nothing that is not the server's."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from blackstart.procedures.wal_archive import WalArchive

SEGMENT = 1 << 16


class Server:
    """As much of a server as a pull asks for."""

    def __init__(self) -> None:
        self.log = random.Random(7).randbytes(5 * SEGMENT)
        self.flushed = SEGMENT + 100
        self.fails: list[str] = []
        """What is to fail next, by a word of the statement."""

    def execute(self, query: str, words: Sequence[Any] = (), **_: object) -> Any:
        """The few statements."""
        if self.fails and self.fails[0] in query:
            raise psycopg.OperationalError(self.fails.pop(0))
        row: tuple[Any, ...] | None = None
        if "pg_control_system" in query:
            row = ("4711", 1, SEGMENT, self.flushed)
        elif "pg_read_binary_file" in query:
            name, offset, size = words
            at = int(name[16:], 16) * SEGMENT + offset
            row = (self.log[at : at + size],)
        return SimpleNamespace(fetchone=lambda: row)


def pull(archive: WalArchive, server: Server) -> bool:
    """One pull at a moment that is the flush position, in seconds."""
    return archive.pull(cast("psycopg.Connection[Any]", server), lambda: float(server.flushed))


@pytest.mark.parametrize("word", ["pg_read_binary_file", "pg_replication_slot_advance"])
def test_a_pull_that_fails_is_repeated_and_its_bytes_count_once(word: str, tmp_path: Path) -> None:
    """Whatever failed: afterwards the segments are the server's, and so are their sums."""
    archive, server = WalArchive(tmp_path), Server()
    assert pull(archive, server)
    for flushed in (SEGMENT + 5_000, 2 * SEGMENT, 4 * SEGMENT + 17):
        server.flushed, server.fails = flushed, [word]
        with pytest.raises(psycopg.OperationalError):
            pull(archive, server)
        assert pull(archive, server)
    held = archive.state()
    assert held is not None
    copied = b"".join((tmp_path / name).read_bytes() for name in held.names(SEGMENT))

    assert archive.missing(SEGMENT, server.flushed) == []
    assert copied[: server.flushed - SEGMENT] == server.log[SEGMENT : server.flushed]
    assert (held.begin, held.end, held.pulled_s) == (SEGMENT, server.flushed, float(server.flushed))


def test_another_process_goes_on_where_one_has_stopped(tmp_path: Path) -> None:
    """What was copied before is read again for its sum."""
    server = Server()
    for flushed in (SEGMENT + 100, SEGMENT + 200, 2 * SEGMENT + 300):
        server.flushed = flushed
        assert pull(WalArchive(tmp_path), server)

    assert WalArchive(tmp_path).missing(SEGMENT, server.flushed) == []


def test_what_is_missing_changed_or_was_never_copied_is_named(tmp_path: Path) -> None:
    """A segment, a byte of the last one, the beginning, the end, all of it."""
    archive, server = WalArchive(tmp_path), Server()
    assert archive.missing(0, 1) == ["all of it: nothing was ever archived"]
    server.flushed = 3 * SEGMENT + 50
    assert pull(archive, server)
    server.flushed = 4 * SEGMENT + 50
    assert pull(archive, server)
    held = archive.state()
    assert held is not None
    (tmp_path / held.name(3 * SEGMENT)).unlink()
    last = tmp_path / held.name(held.end)
    last.write_bytes(bytes([last.read_bytes()[0] ^ 1]) + last.read_bytes()[1:])

    assert archive.missing(3 * SEGMENT, server.flushed) == [held.name(3 * SEGMENT), held.name(4 * SEGMENT)]
    assert "older than the archive" in archive.missing(SEGMENT, server.flushed)[0]
    assert "it had stopped before the backup's end" in archive.missing(4 * SEGMENT, server.flushed + 1)[-1]
