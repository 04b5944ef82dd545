"""Random histories for the checkers, and the rule by which there are enough of them.

Few operations on a coarse grid of time, so that times tie. Generators lean towards what is to be found: a
history in which an anomaly cannot arise tries nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import TypeVar

from tests.core.builders import operation

from blackstart.ledger import Operation, Outcome

T = TypeVar("T")
U = TypeVar("U")

GENERATED = 1000
EACH = 1000
"""So often must the oracle have found the anomaly, and so often none."""
MOST = 20 * EACH
"""A generator that needs more cases than this hardly meets its anomaly, or hardly avoids it."""
NAMES = tuple(f"o{number}" for number in range(8))
OUTCOMES: tuple[Outcome, ...] = ("ok", "ok", "ok", "info", "fail")


def agree(
    seed: str,
    draw: Callable[[Random], T],
    oracle: Callable[[T], Collection[U]],
    checker: Callable[[T], Collection[U]],
) -> tuple[int, int]:
    """How often the oracle found something and nothing; each time the checker has said the same."""
    rng = Random(seed)
    found = nothing = 0
    while (found < EACH or nothing < EACH) and found + nothing < MOST:
        case = draw(rng)
        expected = oracle(case)
        assert expected == checker(case), case
        if expected:
            found += 1
        else:
            nothing += 1
    return found, nothing


def operations(rng: Random, most: int = 6, *, least: int = 1, names: Sequence[str] = NAMES) -> list[Operation]:
    """Operations that overlap as they please, with any outcome or none, some of them after failed attempts."""
    made = []
    for number in range(rng.randint(least, most)):
        begun = rng.randint(0, 10)
        failed = sorted(rng.randint(begun, 12) for _ in range(rng.choice((0, 0, 1, 2))))
        done = None if rng.random() < 0.15 else rng.randint(max([begun, *failed]), 14)
        made.append(operation(names[number], begun, done, rng.choice(OUTCOMES), failed=failed))
    return made


def some(rng: Random, of: Sequence[T], chance: float) -> list[T]:
    """Each of them with a chance of its own."""
    return [each for each in of if rng.random() < chance]


def done(o: Operation) -> float:
    """When an acknowledged operation was acknowledged."""
    assert o.completed_s is not None
    return o.completed_s
