"""What goes on beside a procedure's backups, for as long as a test needs it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from blackstart.phases.stage import Stage
from blackstart.procedures.base import Accompanied, Procedure
from blackstart.procedures.base_backup import archive


@contextmanager
def accompanied(procedure: Procedure, stage: Stage) -> Iterator[None]:
    """An earlier test's archive is gone first: its server may be gone too."""
    if not isinstance(procedure, Accompanied):
        yield
        return
    shutil.rmtree(archive(stage.shop).folder, ignore_errors=True)
    stop = threading.Event()
    thread = threading.Thread(target=procedure.companion(stage.shop, stage.clock).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()
