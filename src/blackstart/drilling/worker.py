"""A drill's worker: one run in a process of its own, with a processor and a clock that no other run disturbs.

A job comes in through stdin, lines of JSON go out through stdout, and the exit status is the run's exit code.
When stdin ends, the drill is gone, and the run cleans up and ends as after any signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

from blackstart import signals
from blackstart.errors import BlackstartError, ExitCode, Interrupted

STATUS_EVERY_S = 0.5


class Upward:
    """Lines to the drill. One that the drill is not there to read is dropped: no run waits for its audience."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def send(self, line: bytes) -> None:
        """Send a line."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, line)


def main() -> int:
    """Carry out the job; returns the exit status."""
    with signals.raised():
        try:
            # Whatever else in this process prints or reads must not get between us and the drill.
            up, down = Upward(os.dup(1)), os.fdopen(os.dup(0), "rb")
            os.dup2(2, 1)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            job = down.readline()
            if not job.endswith(b"\n"):
                return ExitCode.INTERRUPTED
            threading.Thread(target=_end_with, args=(down,), name="lifeline", daemon=True).start()
            return _run(job, up)
        except Interrupted:
            return ExitCode.INTERRUPTED
        except Exception:  # noqa: BLE001 -- the last resort: a bug of ours, shown whole in the drill's logs
            traceback.print_exc()
            return ExitCode.BUG


def _end_with(drill: object) -> None:
    """Wait for the end of stdin, which is the end of the drill."""
    drill.read()  # type: ignore[attr-defined]
    os.kill(os.getpid(), signal.SIGTERM)


def _run(line: bytes, up: Upward) -> int:
    from blackstart import planning
    from blackstart.clock import Clock
    from blackstart.drilling.wire import News, read_job
    from blackstart.progress import Progress
    from blackstart.run import run
    from blackstart.screen import pulse

    job = read_job(line)
    try:
        clock = Clock()
        plan, kind = planning.plan_again(job.scenario, job.options, clock, scenario_sha256=job.scenario_sha256)
        up.send(News(run_id=plan.run_id).line())
        progress = Progress(clock, lambda t, text: up.send(News(said=text, t=t).line()))
        with pulse(lambda: up.send(News(status=progress.status()).line()), STATUS_EVERY_S):
            return run(plan, kind, Path(job.reports), clock=clock, progress=progress).code
    except BlackstartError as error:
        up.send(News(refused=str(error)).line())
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
