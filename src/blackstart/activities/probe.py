"""The probe: asks the shop for its health, all the time, and notices when it fails."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import pairwise

import httpx

from blackstart.activities.http_client import client
from blackstart.clock import Clock

INTERVAL_S = 0.05
TIMEOUT_S = 1.0
CONFIRM = 2
"""So many failures in a row are an outage; one may be a hiccup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, or its absence; `t` is when it was known, in seconds since the run began."""

    t: float
    healthy: bool


class Probe:
    """Keeps every answer."""

    name = "probe"

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._answers: list[Answer] = []

    def run(self, stop: threading.Event) -> None:
        """Ask until told to stop."""
        with client(self._url, timeout_s=TIMEOUT_S) as http:
            while not stop.wait(INTERVAL_S):
                try:
                    healthy = http.get("/healthz").status_code == 200
                except httpx.HTTPError:
                    healthy = False
                self._answers.append(Answer(t=self._clock.now(), healthy=healthy))

    def outage_since(self, t: float) -> float | None:
        """When an outage that began after `t` was confirmed; None if there is none."""
        run = 0
        for answer in list(self._answers):
            if answer.t < t:
                continue
            run = 0 if answer.healthy else run + 1
            if run == CONFIRM:
                return answer.t
        return None

    def resolution(self, begin_s: float, end_s: float) -> float | None:
        """The largest gap between answers in a stretch of time: no moment in it is known finer."""
        times = [a.t for a in self._answers if begin_s <= a.t <= end_s]
        return max((b - a for a, b in pairwise(times)), default=None)
