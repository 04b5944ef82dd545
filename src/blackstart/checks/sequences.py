"""`sequences`: what each hands out next is nobody's yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, SequenceState, Stage
from blackstart.observe import sequences


class Sequences:
    """Beyond what was handed out before, and beyond the columns that it feeds; how far beyond does not matter."""

    NAME: ClassVar[str] = "sequences"
    LAYER: ClassVar[int] = 9
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for the set of sequences, one for each that is expected and there."""
        expected = scene.expected_tables().sequences
        with scene.shop.database(autocommit=False) as connection:
            actual = sequences.read(connection)
        missing = sorted(expected.keys() - actual.keys())
        yield observation(
            Sequences,
            scene,
            "sequences",
            expected=len(expected),
            actual=len(expected) - len(missing),
            differences=[f"missing sequence {name}" for name in missing],
        )
        for name in sorted(expected.keys() & actual.keys()):
            yield _of(scene, name, expected[name], actual[name])


def _of(scene: Scene, name: str, expected: SequenceState, actual: SequenceState) -> Observation:
    wrong = list(_wrong(name, expected, actual))
    cycles = expected.cycles and actual.cycles
    return observation(
        Sequences,
        scene,
        name,
        expected="goes on",
        actual="goes on" if cycles or not wrong else f"hands out {actual.next} next",
        differences=[] if cycles else wrong,
        warnings=[f"{what}, but it cycles" for what in wrong] if cycles else [],
    )


def _wrong(name: str, expected: SequenceState, actual: SequenceState) -> Iterator[str]:
    """Recovery from the log leaves a sequence up to 32 values ahead, which nobody minds; one that is not in
    the log begins anew, with its table."""
    up = expected.increment > 0
    if up != (actual.increment > 0):
        yield f"sequence {name} counts {'down' if up else 'up'}"
        return
    behind = actual.next < expected.next if up else actual.next > expected.next
    if behind and not actual.unlogged:
        yield f"sequence {name} hands out {actual.next} next, and was to hand out {expected.next}"
    if actual.extreme is not None and (actual.next <= actual.extreme if up else actual.next >= actual.extreme):
        yield f"sequence {name} hands out {actual.next} next, and {', '.join(actual.columns)} has {actual.extreme}"
    if actual.used_up and not expected.used_up:
        yield f"sequence {name} is used up"
    for column in sorted(set(expected.columns) - set(actual.columns)):
        yield f"sequence {name} no longer feeds {column}"


EXTENSION = Sequences
