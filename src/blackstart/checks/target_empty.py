"""`target-empty`: nothing was in the place that the data was restored into."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from blackstart.checks.base import while_restoring
from blackstart.evidence import Observation, Stage, shorten
from blackstart.stack import Role


class TargetEmpty:
    """Observed by each procedure just before it brings data back: what is found afterwards came with that."""

    NAME: ClassVar[str] = "target-empty"
    LAYER: ClassVar[int] = 3
    STAGES: ClassVar[Sequence[Stage]] = ()


def observed(role: Role, found: Collection[str]) -> Observation:
    """`found`: names of what was there already."""
    differences = [f"was there already: {name}" for name in sorted(found)]
    return while_restoring(
        TargetEmpty,
        role,
        expected=0,
        actual=len(found),
        differences=shorten(differences),
        differing=len(differences),
    )


EXTENSION = TargetEmpty
