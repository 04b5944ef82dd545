"""How far something that takes a while has come, how fast it goes, and how much time it still needs."""

import threading
import time
from collections.abc import Callable

_PAUSE_S = 0.25


class Meter:
    """Counts what several threads do, and says so at most four times a second."""

    def __init__(self, say: Callable[[str], None], what: str, total: int, *, estimated: bool = False) -> None:
        self._say = say
        self._what = what
        self._total = total
        self._of = f"about {total:,}" if estimated else f"{total:,}"
        self._done = 0
        self._began = self._said = time.monotonic()
        self._mutex = threading.Lock()

    def add(self, count: int) -> None:
        """So many more are done."""
        with self._mutex:
            self._done += count
            now = time.monotonic()
            if now - self._said >= _PAUSE_S:
                self._said = now
                self._say(self._text(now - self._began))

    def _text(self, elapsed_s: float) -> str:
        rate = self._done / elapsed_s
        left_s = max(0, self._total - self._done) / rate
        return f"seeding: {self._done:,} of {self._of} {self._what}, {rate:,.0f} {self._what}/s, {left_s:.0f} s left"
