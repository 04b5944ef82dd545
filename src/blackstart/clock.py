"""One clock a run: durations are monotonic, marks are UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Seconds since the run began (`now`), and the UTC time that such a moment was (`at`).

    The wall clock is read once: a step of the system's time during the run moves no duration.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._monotonic = monotonic
        self._zero = monotonic()
        self.began = wall()

    def now(self) -> float:
        """Seconds since the run began."""
        return self._monotonic() - self._zero

    def at(self, t: float) -> str:
        """The UTC time of the moment `t`, in ISO 8601 with a trailing Z."""
        return stamp(self.began + timedelta(seconds=t))


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a trailing Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
