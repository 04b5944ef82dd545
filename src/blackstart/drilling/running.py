"""A run under way in a worker, as the drill sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from blackstart import child, drill_result
from blackstart.drill_result import NotStarted, RunResult
from blackstart.drilling.wire import Job, News, read_news
from blackstart.errors import ExitCode
from blackstart.plan import Plan
from blackstart.progress import Status

MODULE = "blackstart.drilling.worker"
STUCK_S = 1800.0
"""A run whose activity and figures have not changed for so long is stuck, whatever it goes on telling."""


class Running:
    """One worker and what it told so far."""

    def __init__(self, plan: Plan, job: Job, log: Path) -> None:
        self.plan = plan
        self.run_id: str | None = None
        self.status: Status | None = None
        self._log = log
        self._reports = Path(job.reports)
        self._refused = ""
        self._torn = b""
        self._interrupted = self._killed = False
        self._told: object = None
        self._moved_s = time.monotonic()
        with log.open("wb") as errors:
            self._process = child.spawn_worker(MODULE, errors)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)
        with contextlib.suppress(BrokenPipeError):  # if it died already, its exit status will tell
            self._stdin.write(job.line())

    @property
    def ended(self) -> bool:
        """Whether its process is gone."""
        return self._process.poll() is not None

    @property
    def stuck(self) -> bool:
        """Whether nothing has changed in it for too long."""
        return time.monotonic() - self._moved_s > STUCK_S

    def hear(self) -> list[News]:
        """What it said since the last time."""
        with contextlib.suppress(BlockingIOError):
            while heard := os.read(self._stdout.fileno(), 65_536):
                self._torn += heard
        *lines, self._torn = self._torn.split(b"\n")
        news = [each for line in lines if (each := _news(line)) is not None]
        for each in news:
            told = (each.said, each.status and (each.status.activity, each.status.trade))
            if told != self._told:
                self._told, self._moved_s = told, time.monotonic()
            self.run_id = each.run_id or self.run_id
            self.status = each.status or self.status
            self._refused = each.refused or self._refused
        return news

    def interrupt(self) -> None:
        """Ask it, once, to clean up and end."""
        if not self._interrupted:
            self._interrupted = True
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without asking."""
        self._killed = True
        self._process.kill()

    def close(self) -> RunResult | NotStarted:
        """Its result; call it when it has ended."""
        status = self._process.wait()
        self.hear()
        self._stdin.close()
        self._stdout.close()
        if not self._log.stat().st_size:
            self._log.unlink()
        folder = self._reports / self.run_id if self.run_id else None
        found = drill_result.of_folder(folder, self.plan, status) if folder else None
        if found is not None:
            return found
        if self._refused and not (folder and folder.exists()):
            return drill_result.not_started(self.plan, self._refused)
        if status in (ExitCode.INTERRUPTED, -signal.SIGTERM) and not (folder and folder.exists()):
            return drill_result.not_started(self.plan, "interrupted before it began")
        code = ExitCode(status) if status in (ExitCode.BUG, ExitCode.INTERRUPTED) else ExitCode.INCONCLUSIVE
        return drill_result.without_verdict(self.plan, self.run_id, code, self._why(status))

    def _why(self, status: int) -> str:
        hint = "; blackstart sweep removes what it left"
        if self._killed:
            asked = "did not end when it was interrupted" if self._interrupted else "made no progress for too long"
            return f"its process {asked}, and was killed{hint}"
        if status < 0:
            return f"its process was ended by {_signal(-status)} before there was a verdict{hint}"
        said = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        last = f": {said[-1][:200]}" if said else ""
        return f"its process ended with {status} and without a verdict{last}{hint}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _news(line: bytes) -> News | None:
    try:
        return read_news(line)
    except ValueError:  # no line of ours; what counts is elsewhere
        return None
