"""Signals: the first one ends what is being done, wherever it arrives."""

from __future__ import annotations

import os
import signal

import pytest

from blackstart import signals
from blackstart.errors import Interrupted
from blackstart.waiting import poll


class Dying:
    """What is asked to end while it is being destroyed."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        poll(lambda: False, within_s=0.01)  # the handler runs in here


def test_a_signal_that_arrives_in_a_destructor_is_not_lost() -> None:
    """What is raised there nobody hears: so it is raised again, outside."""

    def work() -> None:
        with signals.raised():
            made: Dying | None = Dying()
            made = None
            assert made is poll(lambda: False, within_s=10)

    with pytest.raises(Interrupted, match="SIGTERM"):
        work()


def test_only_the_first_signal_counts() -> None:
    """Whoever is impatient does not disturb what has begun to end."""
    heard = []

    def work() -> None:
        with signals.raised():
            try:
                os.kill(os.getpid(), signal.SIGINT)
                poll(lambda: False, within_s=10)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                heard.append("ended in peace")

    with pytest.raises(Interrupted, match="SIGINT"):
        work()

    assert heard == ["ended in peace"]
