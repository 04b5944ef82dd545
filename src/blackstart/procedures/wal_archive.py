"""The write-ahead log of a running server, copied outside of the stack a few times a second, byte by byte.

What `pg_receivewal` does through the replication protocol is done here through an ordinary connection: it needs no
mount into the server's container, no setting and no restart. A replication slot keeps the server from recycling
what was not copied yet. What came from another server is refused: its log has the same file names.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from blackstart.shop import Shop

PULL_EVERY_S = 0.2
SLOT = "blackstart_archive"
_STATE = "archive.json"
_SERVER = """
SELECT (pg_control_system()).system_identifier::text, (pg_control_checkpoint()).timeline_id,
       (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'),
       pg_current_wal_flush_lsn() - '0/0'::pg_lsn"""
_SLOT = """
SELECT pg_create_physical_replication_slot(%s, true)
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What an archive holds; LSNs as numbers of bytes."""

    system: str
    """The server's identifier: of another one nothing is taken."""
    timeline: int
    segment: int
    """Bytes of a segment."""
    begin: int
    end: int
    pulled_s: float
    """A moment, in seconds since the run began; all that was acknowledged before it is in the archive."""
    sums: Mapping[str, str]
    """Segment to the SHA-256 of its bytes, up to the archive's end in the newest one, as the server gave them."""

    def name(self, lsn: int) -> str:
        """The file that a byte of the log lies in."""
        high, low = divmod(lsn // self.segment, (1 << 32) // self.segment)
        return f"{self.timeline:08X}{high:08X}{low:08X}"

    def names(self, begin: int) -> Iterator[str]:
        """The files from a byte to the archive's end."""
        for number in range(begin // self.segment, -(-self.end // self.segment)):
            yield self.name(number * self.segment)


class WalArchive:
    """A folder of segments, each of full size; the newest one ends in zeros."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: tuple[str, Any] = ("", None)
        """The segment that was copied last, and the hash of what there is of it."""

    def state(self) -> Archived | None:
        """What it holds; None before the first pull."""
        path = self.folder / _STATE
        return Archived(**json.loads(path.read_text())) if path.is_file() else None

    def pull(self, connection: psycopg.Connection[Any], now: Callable[[], float]) -> bool:
        """Copy what the server has flushed since the last pull; False if it is another server."""
        before, pulled_s = self.state(), now()
        row = connection.execute(_SERVER).fetchone()
        assert row is not None
        system, timeline, segment, flushed = str(row[0]), int(row[1]), int(row[2]), int(row[3])
        if before is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            connection.execute(_SLOT, (SLOT, SLOT))
            begin = flushed // segment * segment
            before = Archived(
                system=system, timeline=timeline, segment=segment, begin=begin, end=begin, pulled_s=pulled_s, sums={}
            )
        if (before.system, before.timeline) != (system, timeline):
            return False
        sums = {**before.sums, **self._copy(connection, before, flushed)}
        after = replace(before, end=flushed, pulled_s=pulled_s, sums=sums)
        partial = self.folder / f"{_STATE}.partial"
        partial.write_text(json.dumps(asdict(after)))
        partial.rename(self.folder / _STATE)
        return True

    def missing(self, begin: int, until: int) -> list[str]:
        """Segments from a byte to the end that are not there, not whole, or not what the server gave.

        `until`: the byte that the archive must reach; one that had stopped before it has no segment to miss.
        """
        held = self.state()
        if held is None:
            return ["all of it: nothing was ever archived"]
        before = [f"{held.name(begin)}, which is older than the archive"] if begin < held.begin else []
        after = (
            [f"what follows {held.name(held.end)}: it had stopped before the backup's end"] if held.end < until else []
        )
        return before + [name for name in held.names(begin) if not self._whole(held, name)] + after

    def _whole(self, held: Archived, name: str) -> bool:
        path = self.folder / name
        if not path.is_file() or path.stat().st_size != held.segment:
            return False
        size = held.end % held.segment if name == held.name(held.end) else held.segment
        return held.sums.get(name) == str(_sum(path, size).hexdigest())

    def _copy(self, connection: psycopg.Connection[Any], held: Archived, until: int) -> dict[str, str]:
        """The bytes from the archive's end to `until`; returns what the segments that they lie in hash to."""
        at, sums = held.end, dict[str, str]()
        name, running = self._running
        running = running and running.copy()  # a pull that fails is repeated, and its bytes must count once
        while at < until:
            offset = at % held.segment
            size = min(held.segment - offset, until - at)
            row = connection.execute(
                "SELECT pg_read_binary_file('pg_wal/' || %s, %s, %s)", (held.name(at), offset, size), binary=True
            ).fetchone()
            assert row is not None
            if len(row[0]) != size:
                raise RuntimeError(f"{held.name(at)} has {len(row[0])} bytes from {offset} on, not {size}")
            path = self.folder / held.name(at)
            if name != path.name:
                name, running = path.name, _sum(path, offset) if offset else hashlib.sha256()
            running.update(row[0])
            sums[path.name] = running.hexdigest()
            with path.open("r+b" if path.exists() else "w+b") as file:
                file.truncate(held.segment)
                file.seek(offset)
                file.write(row[0])
            at += size
        high, low = divmod(until, 1 << 32)
        connection.execute("SELECT pg_replication_slot_advance(%s, %s::pg_lsn)", (SLOT, f"{high:X}/{low:X}"))
        self._running = (name, running)
        return sums


def _sum(path: Path, size: int) -> Any:
    """The hash of a file's first bytes."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, 1 << 20))):
            total.update(block)
            size -= len(block)
    return total


class WalReceiver:
    """As an activity: pulls until it is told to stop, or finds another server in the place of its own."""

    name = "wal"

    def __init__(self, shop: Shop, archive: WalArchive, now: Callable[[], float]) -> None:
        self._shop, self._archive, self._now = shop, archive, now

    def run(self, stop: threading.Event) -> None:
        """A server that does not answer is asked again: what it then lost shows."""
        while not stop.is_set():
            try:
                with self._shop.database() as connection:
                    while not stop.wait(PULL_EVERY_S):
                        if not self._archive.pull(connection, self._now):
                            return
            except psycopg.Error:
                stop.wait(PULL_EVERY_S)
