"""An append-only log of frames: what was torn, mixed, overwritten, emptied, moved, doubled, or is missing.

    RS run SP writer SP sequence SP length SP crc SP payload LF

RS (0x1E) begins a frame as in RFC 7464; it stands nowhere else, nor does LF: the payload is a line of
text. `length` is the payload's, in bytes; `crc` is the CRC-32 of run, writer, sequence and length, each
with the space behind it, and of the payload, in eight hexadecimal digits. A writer is one process while
it lives; it counts its frames from 1.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from zlib import crc32

VERSION: int = 2

RS = b"\x1e"
_HEADER = re.compile(rb"\x1e([\w.-]+) ([\w.-]+) ([1-9]\d{0,17}) (\d{1,9}) [0-9a-f]{8} ")

Kind = Literal[
    "torn tail", "torn middle", "interleaved", "overwritten", "zero-filled", "reordered", "duplicate", "foreign",
    "missing",
]  # fmt: skip
"""A torn tail is the cut last frame of a writer that wrote no more, as a kill leaves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame."""

    run: str
    writer: str
    sequence: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """What is wrong, where in the log, and with which frame if that can still be read."""

    kind: Kind
    offset: int
    writer: str = ""
    sequence: int = 0
    last: int = 0
    """The sequence of the last one, where several in a row are missing."""

    def __str__(self) -> str:
        numbers = f"frames {self.sequence} to {self.last}" if self.last > self.sequence else f"frame {self.sequence}"
        return f"{self.kind}: {f'{numbers} of writer {self.writer} ' if self.writer else ''}at byte {self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a log holds."""

    anomalies: tuple[Anomaly, ...]
    """In the order of the log; missing frames stand where it goes on without them."""
    last: Mapping[str, int]
    """Writer of this run to the highest sequence of a sound frame."""
    anew: bool
    """No frame is left of any writer that was there before: this is another log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """The bytes from one RS to the next."""

    offset: int
    content: bytes
    header: Frame | None
    """What the header says, if it is whole; the payload is as much of it as is there."""
    length: int
    """How long the frame is by its header."""
    sound: bool

    @property
    def rest(self) -> bytes:
        """What stands behind a sound frame."""
        return self.content[self.length :] if self.sound else b""

    @property
    def cut(self) -> bool:
        """The frame ends early, and nothing else is there."""
        whole = self.header is not None and len(self.content) >= self.length
        return not whole and self.content.startswith(RS) and not re.search(rb"[\n\0]", self.content)

    def anomaly(self, kind: Kind) -> Anomaly:
        """What is wrong with this frame."""
        if self.header is None:
            return Anomaly(kind=kind, offset=self.offset)
        return Anomaly(kind=kind, offset=self.offset, writer=self.header.writer, sequence=self.header.sequence)


def encode(frame: Frame) -> bytes:
    """The frame's bytes; its payload is one line of text."""
    words = f"{frame.run} {frame.writer} {frame.sequence} {len(frame.payload)} ".encode()
    return RS + words + f"{crc32(words + frame.payload):08x} ".encode() + frame.payload + b"\n"


def check(content: bytes, run: str, before: Mapping[str, int] | None = None) -> Found:
    """All anomalies of a log that should hold frames of `run` alone.

    `before`: what `last` was at an earlier look: those frames must still be there, unless the log is another one.
    """
    pieces = list(_pieces(content))
    frames = [(p.offset, p.header) for p in pieces if p.sound and p.header and p.header.run == run]
    last: dict[str, int] = {}
    for _, frame in frames:
        last[frame.writer] = max(last.get(frame.writer, 0), frame.sequence)
    anew = bool(before) and not (before or {}).keys() & last.keys()
    damage = list(_damage(pieces))
    found = [
        *damage,
        *(p.anomaly("foreign") for p in pieces if p.sound and p.header and p.header.run != run),
        *_order(frames),
        *_missing(frames, {(a.writer, a.sequence) for a in damage}, {} if anew else before or {}, len(content)),
    ]
    return Found(anomalies=tuple(sorted(found, key=lambda a: a.offset)), last=last, anew=anew)


def _pieces(content: bytes) -> Iterator[_Piece]:
    starts = [match.start() for match in re.finditer(RS, content)]
    if content and (not starts or starts[0] > 0):
        starts.insert(0, 0)
    for begin, end in pairwise([*starts, len(content)]):
        yield _piece(begin, content[begin:end])


def _piece(offset: int, content: bytes) -> _Piece:
    match = _HEADER.match(content)
    if match is None:
        return _Piece(offset=offset, content=content, header=None, length=0, sound=False)
    run, writer, sequence, payload_length = match.groups()
    length = match.end() + int(payload_length) + 1
    payload = content[match.end() : length - 1]
    header = Frame(run=run.decode(), writer=writer.decode(), sequence=int(sequence), payload=payload)
    sound = encode(header) == content[:length]
    return _Piece(offset=offset, content=content, header=header, length=length, sound=sound)


def _damage(pieces: Sequence[_Piece]) -> Iterator[Anomaly]:
    """What is wrong with bytes, whatever the frames' sequences say."""
    explained: set[int] = set()
    for number, piece in enumerate(pieces):
        if not piece.sound:
            anomaly, continued = _broken(pieces, number)
            explained |= {continued}
            yield anomaly
    for number, piece in enumerate(pieces):
        if piece.rest and number not in explained:
            yield _stray(piece.offset + piece.length, piece.rest)


def _broken(pieces: Sequence[_Piece], number: int) -> tuple[Anomaly, int]:
    """What befell a frame that is not sound, and behind which later frame the end of it stands; -1: nowhere."""
    piece = pieces[number]
    if not piece.content.startswith(RS):
        return _stray(0, piece.content), -1
    if b"\0" in piece.content:
        return piece.anomaly("zero-filled"), -1
    if not piece.cut:
        return piece.anomaly("overwritten"), -1
    span = len(piece.content)
    for later, other in enumerate(pieces[number + 1 :], number + 1):
        span += len(other.content)
        if not other.sound:
            break
        if other.rest:
            joined = _piece(piece.offset, piece.content + other.rest)
            if joined.sound:
                return joined.anomaly("interleaved"), later
            if span == piece.length:
                return piece.anomaly("overwritten"), later
            break
    return piece.anomaly("torn tail" if _is_tail(pieces, number) else "torn middle"), -1


def _is_tail(pieces: Sequence[_Piece], number: int) -> bool:
    """Nothing follows a cut frame, or a new writer's first one, and its own writer wrote no more."""
    later = [p.header for p in pieces[number + 1 :] if p.header]
    cut = pieces[number].header
    if not later:
        return number == len(pieces) - 1
    # A writer of another run is another one, whatever its name.
    return later[0].sequence == 1 and (cut is None or all((h.run, h.writer) != (cut.run, cut.writer) for h in later))


def _stray(offset: int, content: bytes) -> Anomaly:
    """Bytes where a frame should begin: zeros, a frame whose first byte is another one, or nobody's."""
    if b"\0" in content:
        return Anomaly(kind="zero-filled", offset=offset)
    would_be = _piece(offset, RS + content[1:])
    return would_be.anomaly("overwritten") if would_be.sound else Anomaly(kind="foreign", offset=offset)


def _order(frames: Sequence[tuple[int, Frame]]) -> Iterator[Anomaly]:
    """Sound frames that are there a second time, or come after a later one of their writer."""
    seen: defaultdict[str, set[int]] = defaultdict(set)
    highest: defaultdict[str, int] = defaultdict(int)
    for offset, frame in frames:
        writer, sequence = frame.writer, frame.sequence
        if sequence in seen[writer]:
            yield Anomaly(kind="duplicate", offset=offset, writer=writer, sequence=sequence)
        elif sequence < highest[writer]:
            yield Anomaly(kind="reordered", offset=offset, writer=writer, sequence=sequence)
        seen[writer].add(sequence)
        highest[writer] = max(highest[writer], sequence)


def _missing(
    frames: Sequence[tuple[int, Frame]], damaged: set[tuple[str, int]], before: Mapping[str, int], end: int
) -> Iterator[Anomaly]:
    """Gaps in each writer's sequences, from 1 to the last that was ever seen; a damaged frame is no gap."""
    there: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for offset, frame in frames:
        there[frame.writer].setdefault(frame.sequence, offset)
    for writer in sorted({*there, *before}):
        known = {*there[writer], *(sequence for name, sequence in damaged if name == writer)}
        until = max([before.get(writer, 0), *there[writer]]) + 1
        expected = 1
        for sequence in sorted([*(n for n in known if n < until), until]):
            if sequence > expected:
                where = there[writer].get(sequence, end)
                yield Anomaly(kind="missing", offset=where, writer=writer, sequence=expected, last=sequence - 1)
            expected = sequence + 1
