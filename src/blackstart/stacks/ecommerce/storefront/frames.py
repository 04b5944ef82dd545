"""The access log's lines: framed, so that whoever reads them can tell a torn, moved or missing one.

    RS run SP writer SP sequence SP length SP crc SP payload LF

RS (0x1E) begins a frame as in RFC 7464. `length` is the payload's, in bytes; `crc` is the CRC-32 of
run, writer, sequence and length, each with the space behind it, and of the payload.
"""

import os
import uuid
from pathlib import Path
from zlib import crc32


class FrameLog:
    """Appends frames to a file, each by one write. One process is one writer; it counts its frames from 1."""

    def __init__(self, path: Path, run: str) -> None:
        self._path = path
        self._run = run
        self._writer = uuid.uuid4().hex[:12]
        self._written = 0

    def append(self, payload: bytes) -> None:
        """Append one line of text. Raises OSError; a frame of which nothing was written is not counted."""
        # Opened anew each time: the folder may have been emptied or replaced meanwhile.
        log = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(log, frame(self._run, self._writer, self._written + 1, payload))
        finally:
            os.close(log)
        self._written += 1


def frame(run: str, writer: str, sequence: int, payload: bytes) -> bytes:
    """A frame's bytes; the payload is one line of text."""
    words = f"{run} {writer} {sequence} {len(payload)} ".encode()
    return b"\x1e" + words + f"{crc32(words + payload):08x} ".encode() + payload + b"\n"
