"""The plot of a drill: so many runs side by side, each in a worker; whatever ends one leaves the others alone."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from blackstart import drill_result, signals
from blackstart.clock import Clock
from blackstart.drill import Drill
from blackstart.drill_result import DrillResult, NotStarted, RunResult
from blackstart.drilling import board
from blackstart.drilling.board import Board, Entry
from blackstart.drilling.reading import Suite
from blackstart.drilling.running import Running
from blackstart.drilling.wire import Job
from blackstart.errors import ExitCode, Refused
from blackstart.plan import Plan
from blackstart.planning import Options

LOOK_EVERY_S = 0.1
INTERRUPTED_WITHIN_S = 120.0
"""A run that is interrupted removes its shop first."""


def conduct(
    suite: Suite,
    plans: Sequence[Plan],
    options: Options,
    reports: Path,
    *,
    quiet: bool,
    word: str = "drill",
    tell: Callable[[Path, DrillResult], None] | None = None,
) -> tuple[DrillResult, Path]:
    """Run every scenario, `options.lanes` at a time; returns what was found, and the folder that tells of it.

    The folder, whose name begins with `word`, is there whatever happened, with what `tell` writes into it (the
    drill's own files). Refused if it cannot be made: then nothing was started.
    """
    clock = Clock()
    drill_id = f"{clock.began:%Y%m%dT%H%M%SZ}-{suite.drill.name}-{secrets.token_hex(3)}"
    folder = reports / f"{word}-{drill_id}"
    try:
        (folder / "logs").mkdir(parents=True)
    except OSError as error:
        raise Refused(f"no report can be written: {error}", hint="use --reports DIR") from error
    entries = [Entry(number=number, plan=plan) for number, plan in enumerate(plans, start=1)]
    with signals.noted() as asked:
        with board.shown(entries, suite.drill.title, quiet=quiet) as shown:
            conductor = Conductor(shown, suite.files, options, reports, folder / "logs")
            conductor.conduct(asked)
        found = _found(suite.drill, drill_id, options, entries, clock, interrupted=conductor.interrupted)
        (tell or write)(folder, found)
    if not any((folder / "logs").iterdir()):
        (folder / "logs").rmdir()
    return found, folder


class Conductor:
    """Starts workers, listens to them, and ends them when it is told to stop."""

    def __init__(self, shown: Board, files: Sequence[Path], options: Options, reports: Path, logs: Path) -> None:
        self._board = shown
        self._options = options
        self._reports = reports
        self._logs = logs
        self._waiting = deque(zip(shown.entries, files, strict=True))
        self._running: dict[int, tuple[Entry, Running]] = {}
        self._end_by_s = float("inf")
        self.interrupted = False

    def conduct(self, asked: Sequence[str]) -> None:
        """Every scenario's run, until all are over; `asked` gets the names of signals that want it to end early."""
        try:
            while self._waiting or self._running:
                self._start()
                time.sleep(LOOK_EVERY_S)
                self._listen()
                if asked and not self.interrupted and (self._waiting or self._running):
                    self.interrupted = True
                    self._board.tell(f"interrupted by {asked[0]}: {len(self._running)} runs clean up and end")
                    self._start_no_more(f"interrupted by {asked[0]}")
                    self._interrupt()
        finally:  # should we leave for a reason of our own, the workers do not stay behind
            self._interrupt()
            while self._running:
                time.sleep(LOOK_EVERY_S)
                self._listen()

    def _start(self) -> None:
        """A worker for each lane that is free."""
        for lane in range(self._options.lanes):
            if lane not in self._running and self._waiting:
                entry, file = self._waiting.popleft()
                job = Job(
                    scenario=str(file),
                    scenario_sha256=entry.plan.scenario_sha256,
                    options=replace(self._options, lane=lane),
                    reports=str(self._reports),
                )
                entry.running = Running(entry.plan, job, self._logs / f"{entry.number:02}-{entry.name}.log")
                self._running[lane] = (entry, entry.running)

    def _listen(self) -> None:
        """Hear every worker, and take the results of those that have ended."""
        for lane, (entry, running) in list(self._running.items()):
            ended = running.ended  # asked before it is heard, so that its last words are among what is heard
            for news in running.hear():
                if news.said is not None:
                    self._board.say(entry, news.said)
            if ended:
                del self._running[lane]
                entry.result = running.close()
                self._board.ended(entry)
                if isinstance(entry.result, RunResult) and entry.result.exit_code == ExitCode.INTERRUPTED:
                    self._start_no_more("another run was interrupted")
            elif running.stuck or time.monotonic() > self._end_by_s:
                running.kill()
        self._board.look()

    def _interrupt(self) -> None:
        """Runs that are under way clean up and end."""
        self._end_by_s = time.monotonic() + INTERRUPTED_WITHIN_S
        for _, running in self._running.values():
            running.interrupt()

    def _start_no_more(self, why: str) -> None:
        while self._waiting:
            entry, _ = self._waiting.popleft()
            entry.result = drill_result.not_started(entry.plan, why)
            self._board.ended(entry)


def _found(
    drill: Drill, drill_id: str, options: Options, entries: Sequence[Entry], clock: Clock, *, interrupted: bool
) -> DrillResult:
    runs = tuple(entry.result for entry in entries if isinstance(entry.result, RunResult))
    not_started = tuple(entry.result for entry in entries if isinstance(entry.result, NotStarted))
    word, code = drill_result.worst(runs, not_started, interrupted=interrupted)
    return DrillResult(
        drill_id=drill_id,
        name=drill.name,
        title=drill.title,
        purpose=drill.purpose,
        schedule=drill.schedule,
        engine=options.engine,
        jobs=options.lanes,
        started=clock.at(0.0),
        finished=clock.at(clock.now()),
        verdict=word,
        exit_code=int(code),
        runs=runs,
        not_started=not_started,
    )


def write(folder: Path, found: DrillResult) -> None:
    """drill.json for programs, report.html for people, junit.xml for a CI."""
    from blackstart.report import drill_page, junit

    (folder / "drill.json").write_text(found.to_json(), encoding="utf-8", errors="backslashreplace")
    (folder / "report.html").write_text(drill_page.render(found), encoding="utf-8", errors="backslashreplace")
    (folder / "junit.xml").write_text(junit.render_drill(found), encoding="utf-8", errors="backslashreplace")
