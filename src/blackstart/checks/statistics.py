"""`statistics`: after the restore, every table with rows has planner statistics."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from blackstart.checks.base import while_restoring
from blackstart.evidence import Observation, Stage
from blackstart.stack import Role


class Statistics:
    """Observed by a procedure that loads rows: without statistics the first queries of customers crawl."""

    NAME: ClassVar[str] = "statistics"
    LAYER: ClassVar[int] = 3
    STAGES: ClassVar[Sequence[Stage]] = ()


def observed(role: Role, wanted: Collection[str], found: Collection[str], *, took_s: float) -> Observation:
    """The tables that have rows, and those that have statistics."""
    return while_restoring(Statistics, role, expected=sorted(wanted), actual=sorted(found), took_s=took_s)


EXTENSION = Statistics
