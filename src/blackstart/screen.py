"""How progress is shown on stderr: a live line on a terminal, few plain lines elsewhere, nothing if told so."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from blackstart.clock import Clock
from blackstart.progress import Progress, Status

if TYPE_CHECKING:  # rich takes a while to import, and is not wanted without a terminal
    from rich.console import Console

REFRESHES_PER_S = 4
DOING_AFTER_S = 5.0
TRADE_AFTER_S = 10.0
_LOOK_S = 0.5


@contextmanager
def shown(clock: Clock, *, quiet: bool) -> Iterator[Progress]:
    """A run's progress, shown while the block lasts."""
    if quiet:
        yield Progress(clock)
    elif is_terminal():
        with _live(clock) as progress:
            yield progress
    else:
        with _plain(clock) as progress:
            yield progress


def is_terminal() -> bool:
    """Whether lines on stderr can be drawn again."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def print_line(t: float, text: str) -> None:
    """A line on stderr, after the seconds since something began."""
    print(f"{t:6.1f} s  {text}", file=Audience(sys.stderr), flush=True)


class Audience:
    """A stream to people, who may have left: no run ends, or is not cleaned up, because nobody reads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it if somebody is there."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Likewise."""
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def console() -> Console:
    """A terminal to draw on."""
    from rich.console import Console

    return Console(file=cast("TextIO", Audience(sys.stderr)))


class Murmur:
    """What is worth a plain line when nothing was said for a while: a new activity, or the figures."""

    def __init__(self) -> None:
        self._last_s = 0.0
        self._doing = ""

    def said(self, t: float) -> None:
        """Something was printed at `t`."""
        self._last_s = t

    def due(self, status: Status, t: float) -> str | None:
        """A line about a status at `t`, if it is time for one."""
        silent_s = t - self._last_s
        if status.doing and status.doing != self._doing and silent_s >= DOING_AFTER_S:
            self._doing = text = status.doing
        elif status.trade is not None and silent_s >= TRADE_AFTER_S:
            text = status.words()
        else:
            return None
        self.said(t)
        return text


@contextmanager
def pulse(beat: Callable[[], None], every_s: float) -> Iterator[None]:
    """Within, `beat` is called again and again, in a thread of its own."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every_s):
            beat()

    thread = threading.Thread(target=go_on, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _plain(clock: Clock) -> Iterator[Progress]:
    murmur = Murmur()

    def tell(t: float, text: str) -> None:
        murmur.said(t)
        print_line(t, text)

    def look() -> None:
        status = progress.status()
        text = murmur.due(status, status.t)
        if text is not None:
            print_line(status.t, text)

    progress = Progress(clock, tell)
    with pulse(look, _LOOK_S):
        yield progress


@contextmanager
def _live(clock: Clock) -> Iterator[Progress]:
    from rich.live import Live
    from rich.text import Text

    drawn = console()

    def tell(t: float, text: str) -> None:
        drawn.print(Text(f"{t:6.1f} s  {text}"), soft_wrap=True)

    def line() -> Text:
        status = progress.status()
        return Text(f"{status.t:6.1f} s  {status.words()}", style="dim", no_wrap=True, overflow="ellipsis")

    progress = Progress(clock, tell)
    with Live(
        get_renderable=line,
        console=drawn,
        refresh_per_second=REFRESHES_PER_S,
        transient=True,
        redirect_stdout=False,
    ):
        yield progress
