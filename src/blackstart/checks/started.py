"""`started`: the database is out of recovery and answers real queries, several in a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, Stage

QUERIES = 5


class Started:
    """`pg_isready` is no proof: it answers during an image's temporary init server."""

    NAME: ClassVar[str] = "started"
    LAYER: ClassVar[int] = 4
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """Several queries, each on a connection of its own."""
        answers = []
        for _ in range(QUERIES):
            with scene.shop.database() as connection:
                row = connection.execute("SELECT pg_is_in_recovery(), count(*) > 0 FROM pg_class").fetchone()
                answers.append(row)
        healthy = sum(answer == (False, True) for answer in answers)
        yield observation(Started, scene, "database", expected=QUERIES, actual=healthy)


EXTENSION = Started
