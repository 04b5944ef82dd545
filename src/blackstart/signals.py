"""Signals: the first SIGINT, SIGTERM or SIGHUP becomes an exception; while we clean up, they wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from blackstart import lever
from blackstart.errors import Interrupted

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def raised() -> Iterator[None]:
    """Within, the first signal raises Interrupted in the main thread; later ones are ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        for each in NUMBERS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(f"interrupted by {'the lever' if lever.pulled() else signal.Signals(number).name}")

    before = {number: signal.signal(number, handle) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def noted() -> Iterator[list[str]]:
    """Within, a signal's name is put on the list, for a loop that looks; nothing is raised."""
    names: list[str] = []
    if threading.current_thread() is not threading.main_thread():
        yield names
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        names.append(signal.Signals(number).name)

    before = {number: signal.signal(number, handle) for number in NUMBERS}
    try:
        yield names
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Within, signals are ignored: cleaning up is what they would ask for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
