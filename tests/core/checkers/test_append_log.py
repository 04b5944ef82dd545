"""An append-only log: each kind of damage is told from every other, and names its frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.checkers.histories import GENERATED

import blackstart
from blackstart.checkers import append_log
from blackstart.checkers.append_log import Anomaly, Frame, encode

sys.path.insert(0, str(Path(blackstart.__file__).parent / "stacks" / "ecommerce"))

from storefront.frames import FrameLog, frame

RUN = "run"
HEADER = len(b"\x1erun A 1 10 01234567 ")
Lines = list[bytes]


def line(writer: str, sequence: int, payload: bytes = b"ten  bytes", run: str = RUN) -> bytes:
    """A frame's bytes."""
    return encode(Frame(run=run, writer=writer, sequence=sequence, payload=payload))


def said(content: bytes, before: dict[str, int] | None = None) -> list[str]:
    """The anomalies as `kind writer sequence`."""
    return [short(anomaly) for anomaly in append_log.check(content, RUN, before).anomalies]


def short(anomaly: Anomaly) -> str:
    """Kind, and the frame if it is known."""
    numbers = f"{anomaly.sequence}–{anomaly.last}" if anomaly.last > anomaly.sequence else f"{anomaly.sequence}"
    return f"{anomaly.kind} {anomaly.writer}{numbers}" if anomaly.writer else anomaly.kind


A = [b"", *(line("A", n) for n in range(1, 6))]
B = [b"", *(line("B", n) for n in range(1, 4))]
LONG = line("A", 1, b"x" * 200)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([*A], [], id="sound"),
        pytest.param([A[1], B[1], A[2], B[2]], [], id="two-writers-at-once"),
        pytest.param([*A, *B], [], id="a-writer-after-the-other"),
        pytest.param([line("A", 1, b""), line("A", 2, b"\xc3\xa9 {}")], [], id="any-text"),
        pytest.param([*A[:3], A[3][:-1]], ["torn tail A3"], id="torn-tail-of-its-last-byte"),
        pytest.param([*A[:3], A[3][:HEADER]], ["torn tail A3"], id="torn-tail-behind-its-header"),
        pytest.param([*A[:3], A[3][:4]], ["torn tail"], id="torn-tail-within-its-header"),
        pytest.param([*A[:3], A[3][:1]], ["torn tail"], id="torn-tail-of-one-byte"),
        pytest.param([*A[:3], A[3][:-3], *B], ["torn tail A3"], id="torn-by-a-kill-and-gone-on-by-another"),
        pytest.param([A[1], A[2][:5], *B], ["torn tail"], id="torn-header-and-gone-on-by-another"),
        pytest.param([A[1], A[2][:-3], A[3]], ["torn middle A2"], id="torn-middle"),
        pytest.param([A[1], A[2][:-3], B[1], A[3]], ["torn middle A2"], id="torn-middle-beside-a-new-writer"),
        pytest.param([A[1], A[2][:5], A[3]], ["torn middle", "missing A2"], id="torn-middle-within-its-header"),
        pytest.param([A[1][:-4] + B[1] + A[1][-4:], A[2]], ["interleaved A1"], id="interleaved"),
        pytest.param([A[1][:3] + B[1] + A[1][3:], A[2]], ["interleaved A1"], id="interleaved-within-its-header"),
        pytest.param([A[1][:-4] + B[1] + B[2] + A[1][-4:]], ["interleaved A1"], id="interleaved-with-two"),
        pytest.param([A[1][:-4] + b"?" + A[1][-3:], A[2]], ["overwritten A1"], id="overwritten-byte"),
        pytest.param([A[1], b"?" + A[2][1:], A[3]], ["overwritten A2"], id="overwritten-first-byte"),
        pytest.param([b"?" + A[1][1:], A[2]], ["overwritten A1"], id="overwritten-first-byte-of-all"),
        pytest.param([A[1], A[2][:2] + b"!" + A[2][3:], A[3]], ["overwritten", "missing A2"], id="overwritten-header"),
        pytest.param(
            [LONG[:60] + B[1] + LONG[60 + len(B[1]) :], A[2]], ["overwritten A1"], id="overwritten-by-another-frame"
        ),
        pytest.param([A[1], A[2][:-6] + bytes(6), A[3]], ["zero-filled A2"], id="zero-filled-end"),
        pytest.param([A[1], bytes(len(A[2])), A[3]], ["zero-filled", "missing A2"], id="zero-filled-frame"),
        pytest.param([*A[:3], bytes(4096)], ["zero-filled"], id="zero-filled-tail"),
        pytest.param([bytes(16), *A], ["zero-filled"], id="zero-filled-head"),
        pytest.param([A[1], A[3], A[2], A[4]], ["reordered A2"], id="reordered"),
        pytest.param([A[1], A[2], A[1], A[3]], ["duplicate A1"], id="duplicate"),
        pytest.param([A[1], A[3], A[2], A[3]], ["reordered A2", "duplicate A3"], id="reordered-and-duplicate"),
        pytest.param([A[1], line("A", 2, run="other"), A[2]], ["foreign A2"], id="another-run's"),
        pytest.param([A[1], b"GET / HTTP/1.1\n", A[2]], ["foreign"], id="nobody's-line"),
        pytest.param([b"GET / HTTP/1.1\n", *A], ["foreign"], id="nobody's-first-line"),
        pytest.param([A[1], A[3]], ["missing A2"], id="missing"),
        pytest.param([A[1], A[5]], ["missing A2–4"], id="missing-in-a-row"),
        pytest.param([A[2], B[1], A[3], B[3]], ["missing A1", "missing B2"], id="missing-of-each"),
    ],
)
def test_golden(lines: Sequence[bytes], expected: list[str]) -> None:
    """Logs small enough to see through."""
    assert expected == said(b"".join(lines))


@pytest.mark.parametrize(
    ("lines", "before", "expected", "anew"),
    [
        pytest.param(A, {"A": 3}, [], False, id="gone-on"),
        pytest.param(A[:3], {"A": 4}, ["missing A3–4"], False, id="cut-since"),
        pytest.param(B, {"A": 2, "B": 3}, ["missing A1–2"], False, id="a-writer-gone"),
        pytest.param(B, {"A": 2}, [], True, id="another-log"),
        pytest.param([], {"A": 2}, [], True, id="emptied"),
    ],
)
def test_what_was_there_before_is_there_still(
    lines: Sequence[bytes], before: dict[str, int], expected: list[str], anew: bool
) -> None:
    """A log whose end was cut off at a frame's border looks sound by itself; not so beside an earlier look."""
    content = b"".join(lines)

    assert (expected, anew) == (said(content, before), append_log.check(content, RUN, before).anew)


def test_an_anomaly_says_where() -> None:
    """Kind, frame and place in words."""
    found = append_log.check(A[1] + A[2][:-1] + A[4], RUN).anomalies

    assert [
        f"torn middle: frame 2 of writer A at byte {len(A[1])}",
        f"missing: frame 3 of writer A at byte {len(A[1]) + len(A[2]) - 1}",
    ] == [str(anomaly) for anomaly in found]


PAYLOADS = st.text(st.characters(exclude_characters="\x00\x1e\n", codec="utf-8"), max_size=30).map(str.encode)


@st.composite
def logs(draw: st.DrawFn) -> list[Frame]:
    """Up to a dozen frames of three writers that take turns."""
    counts = {"A": 0, "B": 0, "C": 0}
    made = []
    for writer in draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=12)):
        counts[writer] += 1
        made.append(Frame(run=RUN, writer=writer, sequence=counts[writer], payload=draw(PAYLOADS)))
    return made


Plant = Callable[[st.DataObject, list[Frame], int], tuple[Lines, str]]


def header_of(frame: Frame) -> int:
    """How long the frame's header is."""
    return len(encode(frame)) - len(frame.payload) - 1


def torn_tail(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """The last frame ends early; perhaps another writer goes on."""
    last = frames[-1]
    cut = encode(last)[: data.draw(st.integers(header_of(last), len(encode(last)) - 1))]
    more = data.draw(st.sampled_from([[], [line("D", 1), line("D", 2)]]))
    return [*map(encode, frames[:-1]), cut, *more], f"torn tail {last.writer}{last.sequence}"


def torn_middle(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """A frame ends early, and its writer goes on."""
    torn = frames[number]
    cut = encode(torn)[: data.draw(st.integers(header_of(torn), len(encode(torn)) - 1))]
    lines = [*map(encode, frames[:number]), cut, *map(encode, frames[number + 1 :])]
    lines.append(line(torn.writer, max(f.sequence for f in frames if f.writer == torn.writer) + 1))
    return lines, f"torn middle {torn.writer}{torn.sequence}"


def interleaved(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """Another writer's frame stands within a frame."""
    outer = encode(frames[number])
    at = data.draw(st.integers(1, len(outer) - 1))
    mixed = outer[:at] + line("D", 1) + outer[at:]
    return replaced(frames, number, mixed), f"interleaved {frames[number].writer}{frames[number].sequence}"


def overwritten(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """One byte of a payload, or of the newline behind it, is another one."""
    content = encode(frames[number])
    at = data.draw(st.integers(header_of(frames[number]), len(content) - 1))
    other = data.draw(st.sampled_from([b for b in b"?!" if b != content[at]]))
    changed = content[:at] + bytes([other]) + content[at + 1 :]
    return replaced(frames, number, changed), f"overwritten {frames[number].writer}{frames[number].sequence}"


def zero_filled(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """Zeros from somewhere in the payload on, to the frame's end."""
    content = encode(frames[number])
    at = data.draw(st.integers(header_of(frames[number]), len(content) - 1))
    changed = content[:at] + bytes(len(content) - at)
    return replaced(frames, number, changed), f"zero-filled {frames[number].writer}{frames[number].sequence}"


def reordered(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """A frame comes after the next one of its writer."""
    moved = frames[number]
    after = line(moved.writer, max(f.sequence for f in frames if f.writer == moved.writer) + 1)
    lines = [encode(f) for f in frames if f.writer != moved.writer or f.sequence < moved.sequence]
    rest = [encode(f) for f in frames if f.writer == moved.writer and f.sequence > moved.sequence]
    first, *others = [*rest, after]
    return [*lines, first, encode(moved), *others], f"reordered {moved.writer}{moved.sequence}"


def duplicate(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """A frame stands a second time further on."""
    lines = [encode(f) for f in frames]
    lines.insert(data.draw(st.integers(number + 1, len(lines))), lines[number])
    return lines, f"duplicate {frames[number].writer}{frames[number].sequence}"


def foreign(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """Another run's frame, or a line that is no frame."""
    lines = [encode(f) for f in frames]
    stranger, said = data.draw(st.sampled_from([(line("A", 1, run="other"), "foreign A1"), (b"hello\n", "foreign")]))
    lines.insert(number, stranger)
    return lines, said


def missing(data: st.DataObject, frames: list[Frame], number: int) -> tuple[Lines, str]:
    """A frame is not there although its writer went on."""
    gone = frames[number]
    after = line(gone.writer, max(f.sequence for f in frames if f.writer == gone.writer) + 1)
    return [*(encode(f) for f in frames if f != gone), after], f"missing {gone.writer}{gone.sequence}"


def replaced(frames: list[Frame], number: int, content: bytes) -> Lines:
    """All frames, one of them with other bytes."""
    return [content if n == number else encode(f) for n, f in enumerate(frames)]


PLANTS = (torn_tail, torn_middle, interleaved, overwritten, zero_filled, reordered, duplicate, foreign, missing)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
@settings(max_examples=GENERATED, deadline=None)
@given(frames=logs(), data=st.data())
def test_what_was_planted_is_found_and_nothing_else(plant: Plant, frames: list[Frame], data: st.DataObject) -> None:
    """One anomaly in a sound log is the one anomaly that is reported, with its frame."""
    lines, expected = plant(data, frames, data.draw(st.integers(0, len(frames) - 1)))

    assert [expected] == said(b"".join(lines))


@settings(max_examples=GENERATED)
@given(logs())
def test_a_sound_log_raises_no_alarm(frames: list[Frame]) -> None:
    """However writers take turns; and the last frame of each is known."""
    found = append_log.check(b"".join(map(encode, frames)), RUN)

    assert () == found.anomalies
    assert {f.writer: max(g.sequence for g in frames if g.writer == f.writer) for f in frames} == found.last


@settings(max_examples=GENERATED)
@given(logs(), st.data())
def test_no_changed_byte_goes_unnoticed(frames: list[Frame], data: st.DataObject) -> None:
    """Whatever byte of a log is whatever other byte: something is wrong."""
    content = bytearray(b"".join(map(encode, frames)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))

    assert [] != said(bytes(content))


def test_the_shop_writes_what_is_read_here(tmp_path: Path) -> None:
    """The storefront imports nothing of this package, so both know the format by heart."""
    payload = '{"path": "/é"}'.encode()

    assert encode(Frame(run=RUN, writer="w", sequence=7, payload=payload)) == frame(RUN, "w", 7, payload)

    logs = [FrameLog(tmp_path / "storefront.log", RUN) for _ in range(2)]
    for log in [*logs, *logs, logs[0]]:
        log.append(payload)
    found = append_log.check((tmp_path / "storefront.log").read_bytes(), RUN)

    assert ((), [2, 3]) == (found.anomalies, sorted(found.last.values()))


def test_a_frame_that_could_not_be_written_is_not_missed(tmp_path: Path) -> None:
    """Where nothing was appended, the next frame has the number that is still free."""
    log = FrameLog(tmp_path / "none" / "storefront.log", RUN)
    with pytest.raises(OSError, match="No such file"):
        log.append(b"lost")
    (tmp_path / "none").mkdir()
    log.append(b"kept")

    assert [] == said((tmp_path / "none" / "storefront.log").read_bytes())
