"""`runbook-steps`: each step of a team's own restore was carried out; its exit code is told, and proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from blackstart.checks.base import while_restoring
from blackstart.evidence import Observation, Stage, shorten
from blackstart.stack import Role


class RunbookSteps:
    """Observed by `runbook` after each step. Red: it was not over in time, or could not be done at all."""

    NAME: ClassVar[str] = "runbook-steps"
    LAYER: ClassVar[int] = 3
    STAGES: ClassVar[Sequence[Stage]] = ()


def observed(
    role: Role, told: str, *, stopped: str, status: int | None, said: Sequence[str], errors: int, took_s: float
) -> Observation:
    """How a step went; the end of what it said, and how many lines of that report an error, are remarks."""
    remarks = list(said)
    if errors and not status:
        remarks.insert(0, f"exit code 0, although {errors} lines report an error")
    if status:
        remarks.insert(0, f"exit code {status}, which decides nothing: the data does")
    return while_restoring(
        RunbookSteps,
        f"{role}: {told}",
        expected="carried out",
        actual=stopped or "carried out",
        differences=[stopped] if stopped else [],
        warnings=shorten(remarks),
        took_s=took_s,
    )


EXTENSION = RunbookSteps
