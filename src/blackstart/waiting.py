"""Waiting: a bounded poll of a real condition, never a sleep that hopes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.02


def poll(condition: Callable[[], T | None], *, within_s: float, every_s: float = POLL_S) -> T | None:
    """The condition's first answer that is neither None nor False; None when the time is over."""
    deadline = time.monotonic() + within_s
    while True:
        answer = condition()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() >= deadline:
            return None
        time.sleep(every_s)
