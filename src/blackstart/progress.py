"""Progress on stderr, for whoever watches; stdout carries the result alone."""

from __future__ import annotations

import sys

from blackstart.clock import Clock


class Progress:
    """One line a step, with the seconds since the run began."""

    def __init__(self, clock: Clock, *, quiet: bool, name: str = "") -> None:
        self._clock = clock
        self._quiet = quiet
        self._name = f"{name}: " if name else ""

    def say(self, text: str) -> None:
        """A line, unless the user asked for quiet."""
        if not self._quiet:
            print(f"{self._clock.now():6.1f} s  {self._name}{text}", file=sys.stderr, flush=True)
