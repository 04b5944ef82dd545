"""From the moment of harm to the shop's old rhythm: phases that add up, and the window that ends them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.builders import MARKS, T8, operation

from blackstart import timeline
from blackstart.ledger import Operation
from blackstart.timeline import PHASES, Rhythm

ALL = {**MARKS, "T8": T8}


def test_phases_are_contiguous() -> None:
    """Each begins where the one before ended, from T0 to T8."""
    ends = list(PHASES.values())

    assert all(before[1] == after[0] for before, after in pairwise(ends))
    assert ("T0", "T8") == (ends[0][0], ends[-1][1])
    assert ["detect", "decide", "provision", "restore", "start", "verify", "resume"] == list(PHASES)


@given(st.lists(st.integers(0, 10**6), min_size=8, max_size=8).map(sorted))
def test_phases_sum_to_the_recovery_time(times: list[int]) -> None:
    """Whatever the marks, nothing of the recovery time is missing or counted twice."""
    marks = dict(zip(("T0", "T1", "T2", "T3", "T4", "T5", "T6", "T8"), map(float, times), strict=True))

    found = timeline.phases(marks)

    assert found is not None
    assert marks["T8"] - marks["T0"] == sum(found.values())
    assert min(found.values()) >= 0


@pytest.mark.parametrize("mark", ["T0", "T1", "T2", "T3", "T4", "T5", "T6", "T8"])
def test_no_phases_without_all_marks(mark: str) -> None:
    """A run that did not get from T0 to T8 has none, rather than some that do not add up."""
    assert timeline.phases(ALL) is not None
    assert timeline.phases({name: t for name, t in ALL.items() if name != mark}) is None


def stream(begin: float, end: float, rate: int, *, op: str = "order", client: int = 0) -> list[Operation]:
    """Successes at a steady rate in [begin, end), each at the middle of its slot."""
    count = round((end - begin) * rate)
    times = [begin + (n + 0.5) / rate for n in range(count)]
    return [operation(f"{op}{t}", t - 0.01, t, op=op, client=client) for t in times]


def failures(times: list[float], op: str = "order") -> list[Operation]:
    """Operations that ended without success."""
    return [operation(f"f{t}", t - 0.01, t, "info", op=op) for t in times]


TEN = {"order": 10.0}
"""Ten a second before the fault."""


def resumed(
    operations: list[Operation], *, until: float = 100.0, before: dict[str, float] = TEN, window_s: float = 2.0
) -> float | None:
    """T8 after T7 = 50."""
    return timeline.resumed_at(
        operations, classes=sorted(before), before=before, t7=50.0, until=until, window_s=window_s
    )


def test_a_shop_that_is_back_at_once() -> None:
    """The first window begins at T7 itself."""
    assert 50.0 == resumed(stream(50, 60, 10))


def test_the_first_window_that_is_good_enough() -> None:
    """A gap after T7 is waited out: the window begins as soon as it holds 80% of the old rate."""
    assert 54.6 == pytest.approx(resumed(stream(55, 60, 10)), abs=0.051)


@pytest.mark.parametrize(("rate", "back"), [(7, None), (8, 50.0), (9, 50.0), (20, 50.0)])
def test_80_percent_of_the_rate(rate: int, back: float | None) -> None:
    """Below it customers are not back, however well the few do."""
    assert back == resumed(stream(50, 60, rate), until=60)


@pytest.mark.parametrize(("failed", "back"), [(0, True), (1, True), (2, False), (20, False)])
def test_95_percent_success(failed: int, back: bool) -> None:
    """Of twenty in the window one may fail, not two."""
    operations = stream(50, 52, 10)[failed:] + failures([51.0] * failed)

    assert back == (resumed(operations, until=52.04, before={"order": 1.0}) == 50.0)


def test_a_window_must_have_ended() -> None:
    """Nobody knows yet what the rest of an open window will bring."""
    assert None is resumed(stream(50, 60, 10), until=51.99)
    assert 50.0 == resumed(stream(50, 60, 10), until=52.0)


def test_a_window_includes_its_begin_and_not_its_end() -> None:
    """An operation belongs to one of two neighbouring windows, not to both."""
    edge = [operation("edge", 1, 2.0)]

    assert [0, 1, 1, 0] == [
        timeline.rhythm(edge, "order", begin, end).succeeded for begin, end in ((0, 2), (2, 4), (1, 3), (3, 4))
    ]


def test_what_was_before_t7_does_not_count() -> None:
    """Customers who were served before the application was tried are no recovery."""
    assert None is resumed(stream(40, 50, 10), until=60)


def test_every_harmed_class_must_be_back() -> None:
    """The last one decides."""
    before = TEN | {"upload": 2.0}

    assert None is resumed(stream(50, 60, 10), before=before, until=60)
    assert 54.0 < (resumed(stream(50, 60, 10) + stream(55, 60, 2, op="upload"), before=before, until=60) or 0) < 55.5


def test_probe_writes_are_no_customers() -> None:
    """The smoke test's own writes neither bring the rhythm back nor count as failures."""
    assert None is resumed(stream(50, 60, 10, client=-1), until=60)
    probes = [operation(f"p{n}", 50, 51, "info", client=-1) for n in range(50)]
    assert 50.0 == resumed(stream(50, 60, 10) + probes)


def test_a_class_that_never_succeeded_before_needs_success_now() -> None:
    """80% of nothing is nothing; an empty window is no success all the same."""
    never = {"order": 0.0}

    assert None is resumed([], before=never, until=60)
    assert 50.0 == resumed(stream(50, 52, 1), before=never, until=60)


def test_rhythm() -> None:
    """Rates and shares; nothing at all is no success, and no time no rate."""
    assert (2.0, 0.8) == (
        Rhythm(succeeded=8, failed=2, seconds=4).rate,
        Rhythm(succeeded=8, failed=2, seconds=4).success,
    )
    assert (0.0, 0.0) == (
        Rhythm(succeeded=0, failed=0, seconds=0).rate,
        Rhythm(succeeded=0, failed=0, seconds=1).success,
    )
    unanswered = [operation("silent", 1)]
    assert Rhythm(succeeded=0, failed=0, seconds=9) == timeline.rhythm(unanswered, "order", 0, 9)


def test_harmed() -> None:
    """Classes of which an attempt failed from T0 to T7, even if a later attempt succeeded; customers' only."""
    operations = [
        operation("a", 9, 12, op="order", failed=[10.0]),
        operation("b", 9, 12, op="cart", failed=[9.9]),
        operation("c", 19, 22, op="upload", failed=[20.0]),
        operation("d", 19, 22, op="browse", failed=[20.1]),
        operation("e", 12, 13, op="session", failed=[12.5], client=-1),
        operation("f", 12, 13, op="quiet"),
    ]

    assert ("order", "upload") == timeline.harmed(operations, 10.0, 20.0)
