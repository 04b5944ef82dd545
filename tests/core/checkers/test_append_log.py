"""An append-only log: each kind of damage is told from every other, and names its frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.checkers.histories import EACH, GENERATED, agree

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
        pytest.param(
            [A[1], A[2][:-3], *B, line("A", 1, run="other")], ["torn tail A2", "foreign A1"], id="torn-tail-and-foreign"
        ),
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


Planted = tuple[Lines, str]
Plant = Callable[[Random, list[Frame], int], Planted]


def log(rng: Random, writers: str = "ABC") -> list[Frame]:
    """Up to a dozen frames of three writers that take turns."""
    counts = dict.fromkeys(writers, 0)
    made = []
    for writer in rng.choices(writers, k=rng.randint(1, 12)):
        counts[writer] += 1
        payload = bytes(rng.choices(b"abc {}\xc3\xa9", k=rng.choice((0, 1, 5, 30))))
        made.append(Frame(run=RUN, writer=writer, sequence=counts[writer], payload=payload))
    return made


def header_of(frame: Frame) -> int:
    """How long the frame's header is."""
    return len(encode(frame)) - len(frame.payload) - 1


def intruder(frame: Frame) -> str:
    """A writer that is none of the log's own, and another one for each frame."""
    return f"D-{frame.writer}{frame.sequence}"


def next_of(frames: list[Frame], writer: str) -> bytes:
    """The frame that a writer would write next."""
    return line(writer, max(f.sequence for f in frames if f.writer == writer) + 1)


def torn_tail(rng: Random, frames: list[Frame], number: int) -> Planted:
    """The last frame ends early; perhaps another writer goes on."""
    last, other = frames[-1], intruder(frames[-1])
    cut = encode(last)[: rng.randrange(header_of(last), len(encode(last)))]
    more = rng.choice([[], [line(other, 1), line(other, 2)]])
    return [*map(encode, frames[:-1]), cut, *more], f"torn tail {last.writer}{last.sequence}"


def torn_middle(rng: Random, frames: list[Frame], number: int) -> Planted:
    """A frame ends early, and its writer goes on."""
    torn = frames[number]
    cut = encode(torn)[: rng.randrange(header_of(torn), len(encode(torn)))]
    lines = replaced(frames, number, cut)
    return [*lines, next_of(frames, torn.writer)], f"torn middle {torn.writer}{torn.sequence}"


def interleaved(rng: Random, frames: list[Frame], number: int) -> Planted:
    """Another writer's frame stands within a frame."""
    outer = encode(frames[number])
    at = rng.randrange(1, len(outer))
    mixed = outer[:at] + line(intruder(frames[number]), 1) + outer[at:]
    return replaced(frames, number, mixed), f"interleaved {frames[number].writer}{frames[number].sequence}"


def overwritten(rng: Random, frames: list[Frame], number: int) -> Planted:
    """One byte of a payload, or of the newline behind it, is another one."""
    content = encode(frames[number])
    at = rng.randrange(header_of(frames[number]), len(content))
    changed = content[:at] + b"?" + content[at + 1 :]
    return replaced(frames, number, changed), f"overwritten {frames[number].writer}{frames[number].sequence}"


def zero_filled(rng: Random, frames: list[Frame], number: int) -> Planted:
    """Zeros from somewhere in the payload on, to the frame's end."""
    content = encode(frames[number])
    at = rng.randrange(header_of(frames[number]), len(content))
    changed = content[:at] + bytes(len(content) - at)
    return replaced(frames, number, changed), f"zero-filled {frames[number].writer}{frames[number].sequence}"


def reordered(rng: Random, frames: list[Frame], number: int) -> Planted:
    """A frame comes after the next one of its writer."""
    moved = frames[number]
    lines = [encode(f) for f in frames if f.writer != moved.writer or f.sequence < moved.sequence]
    rest = [encode(f) for f in frames if f.writer == moved.writer and f.sequence > moved.sequence]
    first, *others = [*rest, next_of(frames, moved.writer)]
    return [*lines, first, encode(moved), *others], f"reordered {moved.writer}{moved.sequence}"


def duplicate(rng: Random, frames: list[Frame], number: int) -> Planted:
    """A frame stands a second time further on."""
    lines = [encode(f) for f in frames]
    lines.insert(rng.randint(number + 1, len(lines)), lines[number])
    return lines, f"duplicate {frames[number].writer}{frames[number].sequence}"


def foreign(rng: Random, frames: list[Frame], number: int) -> Planted:
    """Another run's frame, or a line that is no frame."""
    lines = [encode(f) for f in frames]
    stranger, said = rng.choice([(line("A", 1, run="other"), "foreign A1"), (b"hello\n", "foreign")])
    lines.insert(number, stranger)
    return lines, said


def missing(rng: Random, frames: list[Frame], number: int) -> Planted:
    """A frame is not there although its writer went on."""
    gone = frames[number]
    after = next_of(frames, gone.writer)
    return [*(encode(f) for f in frames if f != gone), after], f"missing {gone.writer}{gone.sequence}"


def replaced(frames: list[Frame], number: int, content: bytes) -> Lines:
    """All frames, one of them with other bytes."""
    return [content if n == number else encode(f) for n, f in enumerate(frames)]


PLANTS = (torn_tail, torn_middle, interleaved, overwritten, zero_filled, reordered, duplicate, foreign, missing)
named = pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)


@named
def test_what_was_planted_is_found_and_nothing_else(plant: Plant) -> None:
    """One anomaly in a sound log is the one anomaly that is reported, with its frame; in a sound one none is."""

    def draw(rng: Random) -> tuple[bytes, list[str]]:
        frames = log(rng)
        if rng.random() < 0.5:
            return b"".join(map(encode, frames)), []
        lines, expected = plant(rng, frames, rng.randrange(len(frames)))
        return b"".join(lines), [expected]

    assert min(agree(plant.__name__, draw, lambda drawn: drawn[1], lambda drawn: said(drawn[0]))) >= EACH


@named
def test_damages_in_two_parts_of_a_log_are_both_found(plant: Plant) -> None:
    """Whatever else befell the frames before it, and with a sound frame between the two: in the log's order."""
    rng = Random(f"two parts {plant.__name__}")
    for other in PLANTS:
        for _ in range(EACH // 5):
            frames, later = log(rng), log(rng, "PQR")
            one, first = other(rng, frames, rng.randrange(len(frames)))
            two, second = plant(rng, later, rng.randrange(len(later)))
            assert [first, second] == said(b"".join([*one, line("X", 1), *two])), (one, two)


IN_PLACE = (torn_middle, interleaved, overwritten, zero_filled, duplicate, missing)
"""What befalls a frame where it stands, so that another frame of the same writers can be struck too."""


@pytest.mark.parametrize("plant", IN_PLACE, ids=lambda plant: plant.__name__)
def test_two_damages_among_the_same_writers_are_both_found(plant: Plant) -> None:
    """Two frames of one log, with one between them; each writer goes on afterwards, so that none is the tail."""
    rng = Random(f"two damages {plant.__name__}")
    for number in range(EACH):
        frames = log(rng)
        counts = {w: sum(f.writer == w for f in frames) for w in "ABC"}
        frames += [Frame(run=RUN, writer=w, sequence=n + s, payload=b"") for s in (1, 2, 3) for w, n in counts.items()]
        one = rng.randrange(len(frames) - 6)
        two = rng.randrange(one + 2, len(frames) - 3)
        lines, expected = [encode(f) for f in frames], []
        for at, damage in ((one, plant), (two, IN_PLACE[number % len(IN_PLACE)])):
            # The plant is made on the one frame alone; what it adds behind the log is not taken over.
            struck, what = damage(rng, [frames[at]], 0)
            lines[at] = struck_in_place(damage, struck)
            expected.append(what)
        if expected[0][:7] == expected[1][:7] == "missing" and adjacent(frames[one], frames[two]):
            expected = [f"missing {frames[one].writer}{frames[one].sequence}–{frames[two].sequence}"]
        assert sorted(expected) == sorted(said(b"".join(lines))), (plant, number)


def struck_in_place(damage: Plant, lines: Lines) -> bytes:
    """What stands where the frame stood."""
    return b"" if damage is missing else b"".join(lines) if damage is duplicate else lines[0]


def adjacent(one: Frame, two: Frame) -> bool:
    """Whether a writer wrote one right after the other."""
    return (one.writer, one.sequence + 1) == (two.writer, two.sequence)


def test_a_sound_log_raises_no_alarm() -> None:
    """However writers take turns; and the last frame of each is known."""
    rng = Random("sound")
    for _ in range(GENERATED):
        frames = log(rng)
        found = append_log.check(b"".join(map(encode, frames)), RUN)

        assert () == found.anomalies
        assert {f.writer: max(g.sequence for g in frames if g.writer == f.writer) for f in frames} == found.last


@settings(max_examples=GENERATED)
@given(st.integers(), st.data())
def test_no_changed_byte_goes_unnoticed(seed: int, data: st.DataObject) -> None:
    """Whatever byte of a log is whatever other byte: something is wrong."""
    content = bytearray(b"".join(map(encode, log(Random(seed)))))
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
