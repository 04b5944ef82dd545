"""The journal: what happened, one JSON line an event, written as it happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blackstart.clock import Clock


class Journal:
    """Appends events to journal.jsonl; any prefix of the file folds to a `record.RunRecord`.

    `watch` is told the name of each phase that begins.
    """

    def __init__(self, path: Path, clock: Clock, *, watch: Callable[[str], None] = lambda _phase: None) -> None:
        self.clock = clock
        self._watch = watch
        self._file = path.open("x", encoding="utf-8")
        self._mutex = threading.Lock()
        self._count = 0
        self.marks: dict[str, float] = {}
        """The marks so far, in seconds since the run began."""

    def write(self, event: str, data: Mapping[str, Any] | None = None, *, t: float | None = None) -> float:
        """Append an event that happened at `t` (default: now, seconds since the run began); returns t."""
        with self._mutex:
            moment = round(self.clock.now() if t is None else t, 6)
            self._count += 1
            line = {
                "n": self._count,
                "t": moment,
                "at": self.clock.at(moment),
                "event": event,
                "data": data or {},
            }
            self._file.write(json.dumps(line, default=str) + "\n")
            self._file.flush()
        return moment

    def mark(self, name: str, t: float | None = None) -> float:
        """Append one of the marks T0 … T8; returns its time."""
        self.marks[name] = self.write("mark", {"name": name}, t=t)
        return self.marks[name]

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Bracket a phase."""
        self._watch(name)
        self.write("phase", {"name": name, "edge": "begin"})
        try:
            yield
        except BaseException as error:
            self.write("phase", {"name": name, "edge": "end", "error": type(error).__name__})
            raise
        self.write("phase", {"name": name, "edge": "end"})

    def close(self) -> None:
        """No more events."""
        self._file.close()
