"""Activities: what goes on beside the plot, each a thread with `run(stop)`.

One that raises is written into the journal and makes the run inconclusive; none is restarted.
"""

from __future__ import annotations

import threading
import traceback
from typing import Protocol, TypeVar

from blackstart.journal import Journal


class Activity(Protocol):
    """Something that goes on until it is told to stop, or until it is done."""

    name: str

    def run(self, stop: threading.Event) -> None:
        """Return soon after `stop` is set."""
        ...


STOP_WITHIN_S = 300.0
"""A backup of a large shop that has begun is let end."""

A = TypeVar("A", bound=Activity)


class Activities:
    """Starts activities and ends them all."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._running: list[tuple[Activity, threading.Event, threading.Thread]] = []
        self.failures: list[str] = []

    def __enter__(self) -> Activities:
        return self

    def __exit__(self, *_: object) -> None:
        for activity, _stop, _thread in list(self._running):
            self.stop(activity)

    def start(self, activity: A) -> A:
        """Run it in a thread of its own."""
        stop = threading.Event()
        thread = threading.Thread(target=self._run, args=(activity, stop), name=activity.name, daemon=True)
        self._running.append((activity, stop, thread))
        thread.start()
        return activity

    def let_end(self, activity: Activity) -> None:
        """Tell it to stop, and do not wait for it."""
        for known, stop, _thread in self._running:
            if known is activity:
                stop.set()

    def stop(self, activity: Activity, *, within_s: float = STOP_WITHIN_S) -> None:
        """Tell it to stop and wait until it has; one that does not is a failure of its own."""
        for known, stop, thread in self._running:
            if known is activity:
                stop.set()
                thread.join(within_s)
                if thread.is_alive():
                    self._failed(activity, f"did not stop within {within_s:.0f} s")
        self._running = [entry for entry in self._running if entry[0] is not activity]

    def _run(self, activity: Activity, stop: threading.Event) -> None:
        try:
            activity.run(stop)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the run must not pass
            self._failed(activity, f"{type(error).__name__}: {error}", traceback.format_exc())

    def _failed(self, activity: Activity, message: str, trace: str = "") -> None:
        text = f"{activity.name}: {message}"
        self.failures.append(text)
        self._journal.write("activity failed", {"message": text, "trace": trace})
