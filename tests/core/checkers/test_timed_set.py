"""A set, read several times: last seen, first lost, never seen, stale, duplicated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import pytest
from tests.core.builders import operation
from tests.core.checkers.histories import EACH, GENERATED, NAMES, agree, done, operations, some

from blackstart.checkers import timed_set
from blackstart.checkers.timed_set import Found, Read
from blackstart.ledger import Operation

A = operation("a", 1, 2)
UNSURE = operation("a", 1, 2, "info")


def read(began: float, *names: str, ended: float | None = None) -> Read:
    """A read that takes no time unless told otherwise."""
    return Read(
        began_s=began, ended_s=began if ended is None else ended, elements={name: names.count(name) for name in names}
    )


@pytest.mark.parametrize(
    ("added", "reads", "last_seen", "lost", "stale", "never"),
    [
        pytest.param(A, [], None, None, (), True, id="nobody-looked"),
        pytest.param(A, [read(3, "a"), read(5, "a")], 5, None, (), False, id="there-all-the-time"),
        pytest.param(A, [read(3), read(5)], None, 3, (), False, id="never-there"),
        pytest.param(A, [read(1)], None, None, (), True, id="read-before-the-acknowledgement"),
        pytest.param(A, [read(2)], None, None, (), True, id="read-begun-with-the-acknowledgement"),
        pytest.param(A, [read(1, ended=9)], None, None, (), True, id="read-that-overlaps-the-write"),
        pytest.param(A, [read(3, "a"), read(5), read(7)], 3, 5, (), False, id="lost-in-between"),
        pytest.param(A, [read(3), read(5, "a")], 5, None, (3,), False, id="stale"),
        pytest.param(A, [read(3), read(4), read(5, "a"), read(6)], 5, 6, (3, 4), False, id="stale-and-then-lost"),
        pytest.param(A, [read(5, "a"), read(3)], 5, None, (3,), False, id="reads-in-any-order"),
        pytest.param(UNSURE, [read(3), read(4)], None, None, (), False, id="unsure-and-never-there"),
        pytest.param(UNSURE, [read(3), read(4, "a")], 4, None, (), False, id="unsure-and-late"),
        pytest.param(UNSURE, [read(3, "a"), read(4)], 3, 4, (), False, id="unsure-seen-and-lost"),
        pytest.param(UNSURE, [read(3, "a", ended=5), read(4)], 3, None, (), False, id="unsure-by-overlapping-reads"),
    ],
)
def test_golden(
    added: Operation,
    reads: list[Read],
    last_seen: float | None,
    lost: float | None,
    stale: tuple[float, ...],
    never: bool,
) -> None:
    """One element through a few reads."""
    found = timed_set.check([added], reads)

    element = found.elements["a"]
    assert (last_seen, lost, stale) == (element.last_seen_s, element.lost_s, element.stale)
    assert (lost is not None, bool(stale), never) == ("a" in found.lost, "a" in found.stale, "a" in found.never_seen)


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        pytest.param([read(3, "a"), read(4, "a")], {}, id="once-in-each-read"),
        pytest.param([read(3, "a", "a")], {"a": 2}, id="twice-in-one"),
        pytest.param([read(3, "a", "a", "a"), read(4, "a")], {"a": 3}, id="the-most-of-any-read"),
        pytest.param([read(3, "x", "x")], {"x": 2}, id="nobody-added-it"),
    ],
)
def test_an_element_that_one_read_holds_more_than_once(reads: list[Read], expected: Mapping[str, int]) -> None:
    """Frequencies count within a read, and never sum over reads."""
    assert expected == timed_set.check([A], reads).duplicated


Case = tuple[list[Operation], list[Read]]
EVERYBODY = (*NAMES[:3], "stranger")


def case(rng: Random) -> Case:
    """A few reads that may overlap, begun when something was known, and that mostly held what there was."""
    held = rng.choice((0.5, 0.9))
    reads = []
    for _ in range(rng.randint(1, 4)):
        began = rng.randint(2, 16)
        elements = {name: rng.choice((1, 1, 1, 1, 2, 3)) for name in some(rng, EVERYBODY[:3], held)}
        elements |= dict.fromkeys(some(rng, EVERYBODY[3:], 0.1), rng.choice((0, 1, 2)))
        reads.append(Read(began_s=began, ended_s=began + rng.choice((0, 0, 1, 4)), elements=elements))
    return operations(rng, 3, names=EVERYBODY), reads


def missed(drawn: Case, name: str) -> list[Read]:
    """The reads that miss an element although somebody knew of it before: by an answer, or by another read."""
    history, reads = drawn
    known = [done(o) for o in history if o.id == name and o.acknowledged]
    known += [r.ended_s for r in reads if r.elements.get(name, 0) > 0]
    return [r for r in reads if not r.elements.get(name, 0) and any(t < r.began_s for t in known)]


def seen(drawn: Case, name: str) -> list[float]:
    """When the reads began that held an element."""
    return [r.began_s for r in drawn[1] if r.elements.get(name, 0) > 0]


def lost(drawn: Case, name: str) -> list[float]:
    """When the reads began that missed it and that no read that held it followed."""
    return sorted(m.began_s for m in missed(drawn, name) if all(t < m.began_s for t in seen(drawn, name)))[:1]


def stale(drawn: Case, name: str) -> list[float]:
    """When the reads began that missed it although a later one held it."""
    return sorted(m.began_s for m in missed(drawn, name) if any(t >= m.began_s for t in seen(drawn, name)))


def duplicated(drawn: Case, name: str) -> list[float]:
    """The most that one read held of it, if that is more than one."""
    return [float(most) for most in [max(r.elements.get(name, 0) for r in drawn[1])] if most > 1]


CHECKED: dict[str, Callable[[Found, str], Sequence[float]]] = {
    "lost": lambda f, n: [t for t in [f.elements[n].lost_s] if t is not None] if n in f.lost else [],
    "stale": lambda f, n: f.elements[n].stale if n in f.stale else [],
    "duplicated": lambda f, n: [float(f.duplicated[n])] if n in f.duplicated else [],
}
DEFINED = {"lost": lost, "stale": stale, "duplicated": duplicated}


@pytest.mark.parametrize("anomaly", DEFINED)
def test_findings_equal_the_definition(anomaly: str) -> None:
    """Each element beside each read, and each read that misses it beside each that holds it."""

    def oracle(drawn: Case) -> dict[str, list[float]]:
        return {n: found for n in EVERYBODY if (found := DEFINED[anomaly](drawn, n))}

    def checker(drawn: Case) -> dict[str, list[float]]:
        found = timed_set.check(*drawn)
        return {n: list(said) for n in EVERYBODY if (said := CHECKED[anomaly](found, n))}

    assert min(agree(f"timed set {anomaly}", case, oracle, checker)) >= EACH


def test_who_was_never_seen_and_who_was_last_seen_when() -> None:
    """Acknowledged, held by no read and missed by none; and the begin of the last read that held it."""
    rng = Random("never seen")
    for _ in range(GENERATED):
        drawn = case(rng)
        found = timed_set.check(*drawn)
        acked = {o.id for o in drawn[0] if o.acknowledged}
        never = {n for n in acked if not seen(drawn, n) and not missed(drawn, n)}
        assert never == set(found.never_seen)
        assert all(e.last_seen_s == max(seen(drawn, n), default=None) for n, e in found.elements.items())
