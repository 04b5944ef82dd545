"""Signals: the first SIGINT, SIGTERM or SIGHUP becomes an exception; while we clean up, they wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from blackstart import lever
from blackstart.errors import Interrupted

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AGAIN_S = 0.05


@contextmanager
def raised() -> Iterator[None]:
    """Within, the first signal raises Interrupted in the main thread; later ones are ignored.

    One that arrives while an object is being destroyed cannot be raised there: it is sent once more.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    report = sys.unraisablehook

    def unraisable(lost: sys.UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, Interrupted):
            report(lost)
            return
        for each in NUMBERS:
            signal.signal(each, handle)
        again = threading.Timer(AGAIN_S, os.kill, (os.getpid(), arrived[-1]))
        again.daemon = True
        again.start()

    def handle(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)
        for each in NUMBERS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(f"interrupted by {'the lever' if lever.pulled() else signal.Signals(number).name}")

    before = {number: signal.signal(number, handle) for number in NUMBERS}
    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = report
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
