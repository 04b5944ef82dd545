"""Everything that can end a command early, and the exit code it ends with.

    BlackstartError
     ├─ Refused            2   nothing was started: bad input or missing means
     │   └─ InputRefused       a file: every problem with its line and key
     ├─ NotConducted       3   the drill could not be conducted, so nothing is proven
     └─ NotRecovered       1   the shop did not come back before the deadline

    KeyboardInterrupt
     └─ Interrupted      130   a signal asked us to stop; no `except Exception` may swallow it

Failed checks are values (`blackstart.evidence.Observation`), never exceptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status says; the numbers are part of the contract."""

    PASS = 0
    DATA_WRONG = 1
    REFUSED = 2
    INCONCLUSIVE = 3
    OBJECTIVE_MISSED = 4
    LEFTOVERS = 5
    BUG = 70
    INTERRUPTED = 130


class BlackstartError(Exception):
    """A message for the user, and a hint on what to do about it."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class Refused(BlackstartError):
    """Nothing was started."""

    exit_code = ExitCode.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with an input file."""

    file: str
    line: int
    key: str
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: {self.key}: " if self.key else f"{self.file}:{self.line}: "
        return place + self.what + (f"; allowed: {self.allowed}" if self.allowed else "")


class InputRefused(Refused):
    """An input file is wrong; carries every problem found in it."""

    def __init__(self, problems: Sequence[Problem], *, hint: str = "") -> None:
        super().__init__("\n".join(map(str, problems)), hint=hint)
        self.problems = tuple(problems)


class NotConducted(BlackstartError):
    """The drill could not be conducted: whatever was seen until then proves nothing."""

    exit_code = ExitCode.INCONCLUSIVE


class NotRecovered(BlackstartError):
    """The shop did not come back before the recovery deadline."""

    exit_code = ExitCode.DATA_WRONG


class Interrupted(KeyboardInterrupt):
    """SIGINT, SIGTERM or SIGHUP arrived."""


_WORST_OF_SEVERAL = (
    ExitCode.INTERRUPTED,
    ExitCode.DATA_WRONG,
    ExitCode.BUG,
    ExitCode.INCONCLUSIVE,
    ExitCode.OBJECTIVE_MISSED,
    ExitCode.LEFTOVERS,
    ExitCode.PASS,
)


def worst_of_several(codes: Sequence[ExitCode]) -> ExitCode:
    """The exit code of a command that made several runs."""
    return min(codes, key=_WORST_OF_SEVERAL.index, default=ExitCode.PASS)
