"""A worker that conducts nothing: what it does is the name of the scenario's file that it is given."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

RUN = "20260102T030405Z-{name}-c0ffee"


def say(**news: object) -> None:
    """A line to the drill."""
    print(json.dumps(news), flush=True)


def note(job: dict[str, Any], what: str) -> None:
    """A line in the log of all workers: moment, lane, scenario, what."""
    with (Path(job["reports"]) / "log").open("a") as log:
        log.write(f"{time.monotonic()} {job['options']['lane']} {Path(job['scenario']).stem} {what}\n")


def verdict(job: dict[str, Any], name: str, code: int) -> int:
    """Leave the folder of a run that ended with a code."""
    note(job, "ends")
    word = {0: "pass", 1: "fail", 3: "inconclusive", 4: "missed", 5: "pass", 130: "inconclusive"}[code]
    path = Path(job["reports"]) / RUN.format(name=name)
    path.mkdir(parents=True)
    figures = {"actual_s": 1.5, "objective_s": 2.0, "censored": False}
    checks = [{"outcome": "pass"}, {"outcome": "fail" if code == 1 else "pass"}]
    times = {"started": "2026-01-02T03:04:05.000Z", "finished": "2026-01-02T03:04:35.000Z"}
    rpo = {**figures, "acknowledged": 20, "lost": 2, "stores": {"database": {}}}
    told = {"run_id": path.name, "scenario": name, "verdict": word, "exit_code": code, "reasons": [f"it was {word}"]}
    left = ["container x"] if code == 5 else []
    whole = {**told, **times, "rto": figures, "rpo": rpo, "checks": checks, "leftovers": left}
    (path / "verdict.json").write_text(json.dumps(whole))
    (path / "report.html").write_text("<p>a report</p>")
    return code


def main() -> int:
    """Do as the scenario's name says."""
    job = json.loads(sys.stdin.readline())
    name = Path(job["scenario"]).stem
    if name == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(job, "begins")
    say(run_id=RUN.format(name=name))
    say(said="a step", t=0.1)
    match name:
        case "bug":
            print("Traceback:\nZeroDivisionError: a bug of ours", file=sys.stderr)
            return 70
        case "refused":
            say(refused="the engine is gone")
            return 2
        case "nothing":
            return 0
        case "liar":  # a verdict that says pass, by a process that did not end like it
            verdict(job, name, 0)
            return 3
        case "killed":
            verdict(job, name, 0)
            os.kill(os.getpid(), signal.SIGKILL)
        case "chatty":
            print("{no line of ours\n" + "x" * 100_000 + '\n{"said": 5}\n[]', flush=True)
            return verdict(job, name, 0)
        case "pulsing":
            while True:
                say(status={"t": time.monotonic(), "phase": "recover", "doing": "", "trade": None})
                time.sleep(0.2)
        case "frozen":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "stubborn" | "early":
            time.sleep(60)
        case "slow":
            time.sleep(2)
            return verdict(job, name, 0)
    return verdict(job, name, int(name.rpartition("-")[2]))


if __name__ == "__main__":
    sys.exit(main())
