"""Versioned registers: versions never go back but for a restore, and one version has one value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.checkers.histories import EACH, GENERATED, agree, some

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


Case = tuple[list[Read], list[Restore]]
Pairs = set[tuple[str, int]]
"""Key and version of what is wrong."""


def case(rng: Random) -> Case:
    """Two registers that mostly count up through a few reads, some of them across a restore or two."""
    reads = []
    wild = rng.choice((0.05, 0.3))
    for _ in range(rng.randint(2, 4)):
        began = rng.randint(0, 10)
        registers = {}
        for key in some(rng, "xy", 0.9):
            version = rng.randint(0, 4) if rng.random() < wild else began // 3
            registers[key] = (version, 10 * version + (rng.random() < wild))
        reads.append(Read(began_s=began, ended_s=began + rng.choice((0, 0, 1, 3)), registers=registers))
    restores = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        point = rng.randint(0, 9)
        at = rng.randint(point, 10)
        bounds = [dict.fromkeys(some(rng, "xy", 0.6), rng.choice(few)) for few in ((0, 1, 2), (1, 2, 3))]
        limits = {"floor": bounds[0], "ceiling": bounds[1]}
        restores.append(Restore(point_s=point, at_s=at, open_s=rng.choice([at + 2.0, INF]), **limits))
    return reads, restores


def descending(drawn: Case) -> Iterator[tuple[Read, Read]]:
    """Each read with each one that descends from it."""
    reads, restores = drawn
    for a, b in permutations(reads, 2):
        undone = any(a.began_s < r.at_s <= b.began_s and a.ended_s > r.point_s for r in restores)
        if (a.began_s, a.ended_s) <= (b.began_s, b.ended_s) and not undone:
            yield a, b


def restored(drawn: Case) -> Iterator[tuple[Restore, Read]]:
    """Each restore with each read after it."""
    reads, restores = drawn
    return ((r, b) for r in restores for b in reads if b.began_s >= r.at_s)


def went_back(drawn: Case) -> Pairs:
    """A later read, begun when the earlier one was over, has a lower version."""
    return {
        (key, b.registers[key][0])
        for a, b in descending(drawn)
        for key in a.registers.keys() & b.registers.keys()
        if a.ended_s < b.began_s and b.registers[key][0] < a.registers[key][0]
    }


def two_values(drawn: Case) -> Pairs:
    """Two reads of one history have one version and not one value."""
    return {
        (key, b.registers[key][0])
        for a, b in descending(drawn)
        for key in a.registers.keys() & b.registers.keys()
        if a.registers[key][0] == b.registers[key][0] and a.registers[key] != b.registers[key]
    }


def older(drawn: Case) -> Pairs:
    """Less than the restore's point had."""
    return {(k, v) for r, b in restored(drawn) for k, (v, _) in b.registers.items() if k in r.floor and v < r.floor[k]}


def newer(drawn: Case) -> Pairs:
    """More than there ever was, before anybody wrote again."""
    early = ((r, b) for r, b in restored(drawn) if b.ended_s <= r.open_s)
    return {(k, v) for r, b in early for k, (v, _) in b.registers.items() if k in r.ceiling and v > r.ceiling[k]}


ANOMALIES = {
    r"(.): version went back: \d+ → (\d+)": went_back,
    r"(.): version (\d+) has two values: ": two_values,
    r"(.): version (\d+) is older than ": older,
    r"(.): version (\d+) is newer than ": newer,
}


@pytest.mark.parametrize("words", ANOMALIES, ids=[anomaly.__name__ for anomaly in ANOMALIES.values()])
def test_findings_equal_the_definition(words: str) -> None:
    """Each read beside each later one, each key, each restore."""

    def checker(drawn: Case) -> Pairs:
        lines = [re.match(words, line) for line in register.check(*drawn)]
        return {(found[1], int(found[2])) for found in lines if found}

    assert min(agree(f"register {words}", case, ANOMALIES[words], checker)) >= EACH


def test_no_other_finding_is_made() -> None:
    """Every line is of one of the four kinds."""
    rng = Random("lines")
    for _ in range(GENERATED):
        lines = register.check(*case(rng))
        assert all(sum(bool(re.match(words, line)) for words in ANOMALIES) == 1 for line in lines)


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
