"""Drills for real: runs side by side, each with its own verdict, and nothing left however a drill ends."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from tests.e2e.harness import ROOT, docker_things, processes_under
from tests.e2e.test_interruptions import blackstart, gone

NOBODY_RESTORES = """
name: nobody-restores
title: Nobody restores
backup: {procedure: pg-dump, every: 30s}
faults:
  - {kind: delete-volume, volume: postgres_data, after: {backups: 1}}
restore: {procedure: none}
objectives: {rto: 60s, rpo: 60s}
"""
TOO_MUCH_TO_ASK = """
name: too-much-to-ask
title: Too much to ask
faults:
  - {kind: kill-container, service: database}
restore: {procedure: restart}
objectives: {rto: 1ms, rpo: 0s}
"""

WAITS = """
name: waits
title: The fault is far away
faults:
  - {kind: kill-container, service: database, after: {elapsed: 100s}}
restore: {procedure: restart}
objectives: {rto: 60s, rpo: 0s}
"""


def drill_file(tmp_path: Path, *scenarios: str) -> Path:
    """A drill of the test's own; scenarios are paths beside it, or names of those that ship."""
    (tmp_path / "nobody-restores.yaml").write_text(NOBODY_RESTORES)
    (tmp_path / "too-much-to-ask.yaml").write_text(TOO_MUCH_TO_ASK)
    (tmp_path / "waits.yaml").write_text(WAITS)
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ntitle: A drill of mine\nscenarios:\n" + "".join(f"  - {s}\n" for s in scenarios))
    return path


@contextmanager
def drilling(tmp_path: Path, drill: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A drill in a process of its own, its output in files."""
    command = [sys.executable, "-m", "blackstart", "drill", str(drill), "--reports", str(tmp_path / "reports")]
    with (tmp_path / "stdout").open("w") as stdout, (tmp_path / "stderr").open("w") as stderr:
        process = subprocess.Popen([*command, *words], stdout=stdout, stderr=stderr, cwd=tmp_path, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def result(tmp_path: Path) -> Mapping[str, Any]:
    """The drill.json of the one drill that there was."""
    (path,) = tmp_path.glob("reports/drill-*/drill.json")
    found: Mapping[str, Any] = json.loads(path.read_text())
    return found


def output(tmp_path: Path) -> str:
    """All that was said, for the message of a failed test."""
    return (tmp_path / "stdout").read_text() + (tmp_path / "stderr").read_text()


def wait_until(tmp_path: Path, condition: Callable[[], object], *, within_s: float = 120.0) -> None:
    """A bounded poll."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, output(tmp_path)
        time.sleep(0.02)


def journals_with(tmp_path: Path, event: str) -> list[Path]:
    """The journals in which an event has happened."""
    return [path for path in tmp_path.glob("reports/2*/journal.jsonl") if f'"event": "{event}"' in path.read_text()]


def left(state_home: Path) -> list[str]:
    """State folders and processes."""
    return [*map(str, (state_home / "blackstart").glob("*")), *processes_under(state_home)]


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The drill's workers."""
    return [p for p in psutil.Process(process.pid).children() if "blackstart.drilling.worker" in p.cmdline()]


def test_runs_side_by_side_are_green_and_leave_nothing(engine: str, tmp_path: Path, state_home: Path) -> None:
    """Two at once: both pass, they overlap in time, share no port, and stderr has plain lines of both."""
    with drilling(tmp_path, drill_file(tmp_path, "kill-database", "no-fault"), "--engine", engine, "--jobs", "2") as p:
        assert p.wait(240) == 0, output(tmp_path)
    found, said = result(tmp_path), (tmp_path / "stdout").read_text().splitlines()
    plans = [json.loads(path.read_text()) for path in tmp_path.glob("reports/2*/plan.json")]
    ports = [port for plan in plans for port in plan["ports"].values()]
    begun, ended = ([run[key] for run in found["runs"]] for key in ("started", "finished"))
    page = Path(said[-1])

    assert [run["verdict"] for run in found["runs"]] == ["pass", "pass"]
    assert (found["verdict"], found["exit_code"], found["not_started"]) == ("pass", 0, [])
    assert max(begun) < min(ended)
    assert len(ports) == len(set(ports))
    assert said[0].startswith(f"PASS  A drill of mine  ({engine}, 2 runs: 2 pass")
    assert all((page.parent / run["report"]).is_file() for run in found["runs"])
    assert {run["report"] for run in found["runs"]} <= set(re.findall(r'href="(.*?)"', page.read_text()))
    assert re.search(r"^ +\d+\.\d s  kill-database: injected", (tmp_path / "stderr").read_text(), re.MULTILINE)
    assert "\x1b" not in output(tmp_path)
    assert left(state_home) == []
    assert [thing for plan in plans if engine == "docker" for thing in docker_things(plan["project"])] == []


def test_each_of_four_has_its_own_verdict(tmp_path: Path, state_home: Path) -> None:
    """One loses data for good and one misses its objective: theirs are 1 and 4, the others' 0, the drill's 1."""
    names = ("./nobody-restores.yaml", "too-much-to-ask.yaml", "no-fault", "kill-database")
    with drilling(tmp_path, drill_file(tmp_path, *names), "--engine", "embedded", "--jobs", "4", "--quiet") as process:
        assert process.wait(240) == 1, output(tmp_path)
    found = result(tmp_path)

    assert {run["scenario"]: run["exit_code"] for run in found["runs"]} == {
        "nobody-restores": 1,
        "too-much-to-ask": 4,
        "no-fault": 0,
        "kill-database": 0,
    }
    assert found["verdict"] == "fail"
    assert (tmp_path / "stderr").read_text() == ""
    assert "missing table: public.orders" in (tmp_path / "stdout").read_text()
    assert left(state_home) == []


def test_a_terminated_drill_leaves_nothing(tmp_path: Path, state_home: Path) -> None:
    """SIGTERM when one run has injected its fault: both clean up, the third is never started, exit 130."""
    drill = drill_file(tmp_path, "too-much-to-ask.yaml", "waits.yaml", "kill-database")
    with drilling(tmp_path, drill, "--engine", "embedded", "--jobs", "2") as process:
        wait_until(tmp_path, lambda: journals_with(tmp_path, "injection"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 130, output(tmp_path)
    found = result(tmp_path)

    assert [run["exit_code"] for run in found["runs"]] == [130, 130]
    assert all("interrupted by SIGTERM" in run["reasons"][0] for run in found["runs"])
    assert [absent["scenario"] for absent in found["not_started"]] == ["kill-database"]
    assert (found["exit_code"], found["verdict"]) == (130, "inconclusive")
    assert (tmp_path / "stdout").read_text().splitlines()[-1].endswith("report.html")
    assert left(state_home) == []


def test_the_runs_of_a_killed_drill_clean_up_by_themselves(tmp_path: Path, state_home: Path) -> None:
    """SIGKILL: nobody is there to tell the workers, and still nothing of theirs is left."""
    with drilling(
        tmp_path, drill_file(tmp_path, "too-much-to-ask.yaml", "no-fault"), "--engine", "embedded"
    ) as process:
        wait_until(tmp_path, lambda: journals_with(tmp_path, "images"))
        started = workers(process)
        process.kill()
        process.wait()
        _, alive = psutil.wait_procs(started, timeout=60)

    assert len(started) == 1
    assert alive == []
    assert gone(lambda: left(state_home)) == []
    assert "interrupted by SIGTERM" in next(tmp_path.glob("reports/2*/verdict.json")).read_text()


def test_a_killed_worker_is_no_pass_and_the_others_keep_their_verdict(tmp_path: Path, state_home: Path) -> None:
    """SIGKILL to one: that run is inconclusive and says how to clean up; its neighbour passes."""
    drill = drill_file(tmp_path, "no-fault", "kill-database")
    with drilling(tmp_path, drill, "--engine", "embedded", "--jobs", "2") as process:
        wait_until(tmp_path, lambda: any("kill-database" in str(p) for p in journals_with(tmp_path, "images")))
        victim = next(p for p in workers(process) if _conducts(p, "kill-database", state_home))
        victim.kill()
        assert process.wait(240) == 3, output(tmp_path)
    runs = {run["scenario"]: run for run in result(tmp_path)["runs"]}
    swept = blackstart("sweep")

    assert {name: run["exit_code"] for name, run in runs.items()} == {"no-fault": 0, "kill-database": 3}
    assert "SIGKILL" in runs["kill-database"]["reasons"][0]
    assert "blackstart sweep" in runs["kill-database"]["reasons"][0]
    assert (swept.returncode, swept.stderr) == (0, "")
    assert gone(lambda: left(state_home)) == []


def _conducts(worker: psutil.Process, scenario: str, state_home: Path) -> bool:
    """Whether a worker holds the lock of a scenario's state folder."""
    with contextlib.suppress(psutil.Error):
        return any(f"-{scenario}-" in file.path and str(state_home) in file.path for file in worker.open_files())
    return False


def test_shipped_drills_are_valid() -> None:
    """Every drill that ships passes `validate`, and the two big ones have every scenario that ships, each once."""
    drills = sorted((ROOT / "drills").glob("*.yaml"))
    checked = blackstart("validate", *map(str, drills))
    big = "".join((ROOT / "drills" / f"{name}.yaml").read_text() for name in ("nightly", "containers"))
    listed = re.findall(r"^  - ([a-z-]+)", big, re.MULTILINE)

    assert (checked.returncode, checked.stderr) == (0, "")
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
