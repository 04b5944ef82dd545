"""The lever: a file that stops every run on this machine and lets none start, for whoever has to be sure.

touch ~/.local/state/blackstart/lever        rm it, and runs may start again
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blackstart import state
from blackstart.errors import Refused

LOOK_EVERY_S = 0.5


def path() -> Path:
    """Where the lever is; it is pulled while there is such a file, whatever is in it."""
    return state.root() / "lever"


def pulled() -> bool:
    """Whether somebody pulled it."""
    return path().exists()


def require_free() -> None:
    """Refused while it is pulled."""
    if pulled():
        raise Refused(f"the lever is pulled: {path()} blocks all runs", hint="remove that file to let runs start")


@contextmanager
def watched() -> Iterator[None]:
    """Within, a lever that is pulled interrupts this process as SIGTERM does: it heals, cleans and ends."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_EVERY_S):
            if pulled():
                os.kill(os.getpid(), signal.SIGTERM)
                return

    watcher = threading.Thread(target=watch, name="lever", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
