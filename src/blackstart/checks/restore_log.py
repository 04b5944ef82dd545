"""`restore-log`: the restore's tools ended with 0 and reported no error; their warnings are listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from blackstart.checks.base import while_restoring
from blackstart.child import Completed
from blackstart.evidence import Observation, Stage, shorten
from blackstart.stack import Role

_ERRORS, _WARNINGS = ("ERROR:", "FATAL:", "PANIC:", "error:"), ("WARNING:", "warning:")


class RestoreLog:
    """Observed by a procedure whose tools tell what they did; an exit status of 0 alone proves nothing."""

    NAME: ClassVar[str] = "restore-log"
    LAYER: ClassVar[int] = 3
    STAGES: ClassVar[Sequence[Stage]] = ()


def observed(role: Role, done: Completed, *, took_s: float) -> Observation:
    """How a tool ended, and the lines of its log that report an error."""
    said, warnings = lines_with(done, _ERRORS), lines_with(done, _WARNINGS)
    return while_restoring(
        RestoreLog,
        role,
        expected={"exit status": 0, "error lines": 0},
        actual={"exit status": done.status, "error lines": len(said)},
        differences=shorten(said),
        differing=len(said),
        warnings=shorten(warnings),
        took_s=took_s,
    )


def lines_with(done: Completed, words: Sequence[str] = _ERRORS) -> list[str]:
    """The lines of a tool's log that have one of some words; without `words`, those that report an error."""
    return [line for line in done.errors.splitlines() if any(word in line for word in words)]


EXTENSION = RestoreLog
