"""Versioned registers: versions never go back but for a restore, and one version has one value."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.checkers.histories import GENERATED

from blackstart.checkers import register
from blackstart.checkers.register import Read, Restore

INF = float("inf")


def read(began: float, version: int, value: object = None, *, ended: float | None = None) -> Read:
    """A read of the one register x; its value goes with its version unless told otherwise."""
    value = version * 10 if value is None else value
    return Read(began_s=began, ended_s=began if ended is None else ended, registers={"x": (version, value)})


@pytest.mark.parametrize(
    ("reads", "restores", "expected"),
    [
        pytest.param([], [], (), id="nobody-looked"),
        pytest.param([read(1, 3), read(2, 3), read(3, 5)], [], (), id="forward"),
        pytest.param([read(1, 3), read(2, 2)], [], ("x: version went back: 3 → 2",), id="back"),
        pytest.param([read(2, 2), read(1, 3)], [], ("x: version went back: 3 → 2",), id="back-in-any-order"),
        pytest.param([read(1, 3, ended=5), read(2, 2)], [], (), id="overlapping-reads-have-no-order"),
        pytest.param([read(1, 3, 7), read(2, 3, 8)], [], ("x: version 3 has two values: 7 and 8",), id="two-values"),
        pytest.param(
            [read(1, 3, 7, ended=5), read(2, 3, 8)],
            [],
            ("x: version 3 has two values: 7 and 8",),
            id="two-values-at-once",
        ),
        pytest.param([read(1, 5), read(9, 3)], [Restore(point_s=0, at_s=8)], (), id="back-by-a-restore"),
        pytest.param(
            [read(1, 5), read(9, 3)],
            [Restore(point_s=2, at_s=8)],
            ("x: version went back: 5 → 3",),
            id="back-beyond-the-point",
        ),
        pytest.param(
            [read(1, 5), read(9, 3)],
            [Restore(point_s=2, at_s=0.5)],
            ("x: version went back: 5 → 3",),
            id="back-long-after-the-restore",
        ),
        pytest.param(
            [read(1, 5, 7), read(9, 5, 8)], [Restore(point_s=0, at_s=8)], (), id="another-history-counts-again"
        ),
        pytest.param(
            [read(1, 2), read(3, 5), read(9, 4)],
            [Restore(point_s=2, at_s=8)],
            (),
            id="between-what-the-point-had-and-what-was-lost",
        ),
        pytest.param(
            [read(9, 3)],
            [Restore(point_s=2, at_s=8, floor={"x": 4})],
            ("x: version 3 is older than the restore's point, which had at least 4",),
            id="less-than-the-ledger-knows-of-the-point",
        ),
        pytest.param(
            [read(9, 7)],
            [Restore(point_s=2, at_s=8, ceiling={"x": 6})],
            ("x: version 7 is newer than anything that was lost, at most 6",),
            id="more-than-ever-was",
        ),
        pytest.param(
            [read(9, 6), read(20, 9)],
            [Restore(point_s=2, at_s=8, open_s=10, ceiling={"x": 6})],
            (),
            id="more-when-customers-are-back",
        ),
        pytest.param([read(7, 7)], [Restore(point_s=2, at_s=8, ceiling={"x": 6})], (), id="read-before-the-restore"),
    ],
)
def test_golden(reads: list[Read], restores: list[Restore], expected: tuple[str, ...]) -> None:
    """One register, a few reads."""
    assert expected == register.check(reads, restores)


REGISTERS = st.dictionaries(st.sampled_from("xy"), st.tuples(st.integers(0, 3), st.sampled_from([7, 8])))
READS = st.lists(
    st.builds(
        lambda began, took, registers: Read(began_s=began, ended_s=began + took, registers=registers),
        st.integers(0, 10),
        st.integers(0, 3),
        REGISTERS,
    ),
    max_size=4,
)
BOUNDS = st.dictionaries(st.sampled_from("xy"), st.integers(0, 3))
RESTORES = st.lists(
    st.builds(
        Restore,
        point_s=st.integers(0, 10),
        at_s=st.integers(0, 10),
        open_s=st.sampled_from([5.0, INF]),
        floor=BOUNDS,
        ceiling=BOUNDS,
    ),
    max_size=2,
)


@settings(max_examples=GENERATED)
@given(READS, RESTORES)
def test_findings_equal_the_definition(reads: list[Read], restores: list[Restore]) -> None:
    """Each read beside each later one, each key, each restore."""
    expected = set()
    for a, b in permutations(reads, 2):
        if (a.began_s, a.ended_s) > (b.began_s, b.ended_s):
            continue
        if any(a.began_s < r.at_s <= b.began_s and a.ended_s > r.point_s for r in restores):
            continue
        for key in set(a.registers) & set(b.registers):
            (version, value), (then, now) = a.registers[key], b.registers[key]
            if a.ended_s < b.began_s and then < version:
                expected.add((key, "back"))
            if then == version and now != value:
                expected.add((key, "two values"))
    for b in reads:
        for r in (r for r in restores if b.began_s >= r.at_s):
            for key, (version, _) in b.registers.items():
                if version < r.floor.get(key, 0):
                    expected.add((key, "older"))
                if b.ended_s <= r.open_s and version > r.ceiling.get(key, 3):
                    expected.add((key, "newer"))

    words = {"went back": "back", "has two values": "two values", "is older": "older", "is newer": "newer"}
    found = {
        (line[0], word) for line in register.check(reads, restores) for text, word in words.items() if text in line
    }
    assert expected == found


@settings(max_examples=GENERATED)
@given(st.lists(st.sampled_from(["write", "read", "snapshot", "restore"]), max_size=20))
def test_a_register_that_behaves_raises_no_alarm(events: list[str]) -> None:
    """Writes count up, restores go back to their snapshot: whatever the order, nothing is wrong."""
    version, snapshot, point = 0, 0, 0.0
    reads, restores = [], []
    written: dict[int, int] = {0: 0}
    for t, event in enumerate(events, start=1):
        if event == "write":
            version += 1
            written[version] = t
        elif event == "read":
            reads.append(Read(began_s=t, ended_s=t, registers={"x": (version, written[version])}))
        elif event == "snapshot":
            snapshot, point = version, float(t)
        else:
            restores.append(
                Restore(point_s=point, at_s=t, open_s=t, floor={"x": snapshot}, ceiling={"x": max(written)})
            )
            version = snapshot

    assert () == register.check(reads, restores)
