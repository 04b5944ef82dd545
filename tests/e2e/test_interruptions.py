"""Runs that are cut short at seeded moments: what a dead runner leaves, `sweep` removes, and no more."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import require_engine
from tests.e2e.harness import ROOT, docker_things, processes_under

from blackstart.engines import select
from blackstart.engines.base import BoundsVolumes

MARK_WITHIN_S = 120.0

Event = tuple[str, dict[str, Any], float]
"""An event of the journal, the data that it must have, and up to how many seconds after it to strike."""

MOMENTS: dict[str, Event] = {
    "planned": ("plan", {}, 0.1),
    "compose up begins": ("phase", {"name": "up", "edge": "begin"}, 0.4),
    "compose up goes on": ("phase", {"name": "up", "edge": "begin"}, 2.0),
    "seeding": ("phase", {"name": "seed", "edge": "begin"}, 1.0),
    "at the gate": ("phase", {"name": "gate", "edge": "begin"}, 1.0),
    "first backup": ("backup", {"role": "database"}, 0.5),
    "waiting to inject": ("phase", {"name": "inject", "edge": "begin"}, 1.0),
    "injected": ("injection", {}, 0.3),
    "fence up": ("mark", {"name": "Tf"}, 0.5),
    "target provisioned": ("mark", {"name": "T3"}, 0.5),
    "verified": ("mark", {"name": "T6"}, 0.5),
    "the last checks": ("phase", {"name": "final", "edge": "begin"}, 0.5),
}
KILLED = {
    "docker": ("compose up begins", "compose up goes on", "first backup", "injected", "target provisioned", "verified"),
    "embedded": ("planned", "seeding", "at the gate", "waiting to inject", "fence up", "the last checks"),
}
"""All moments, each on the engine where it is the harder one; `make soak` kills at many more on both."""
TERMINATED = {
    "docker": ("compose up begins", "injected", "target provisioned"),
    "embedded": ("seeding", "first backup", "verified"),
}


def struck(moments: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Engine and moment of each test."""
    return [(engine, moment) for engine, own in moments.items() for moment in own]


@contextmanager
def running(engine: str, tmp_path: Path, scenario: str = "delete-database-volume") -> Iterator[subprocess.Popen[bytes]]:
    """A drill in a process of its own."""
    command = [sys.executable, "-m", "blackstart", "run", str(ROOT / "scenarios" / f"{scenario}.yaml")]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [*command, "--engine", engine, "--reports", str(tmp_path / "reports"), "--seed", "3"],
            stdout=output,
            stderr=output,
            cwd=tmp_path,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_for(process: subprocess.Popen[bytes], tmp_path: Path, event: Event) -> str:
    """Return, at the seeded moment after the event, the run's id."""
    name, data, jitter = event
    deadline = time.monotonic() + MARK_WITHIN_S
    while time.monotonic() < deadline:
        for journal in tmp_path.glob("reports/*Z-*/journal.jsonl"):
            for text in journal.read_text().splitlines():
                line: dict[str, Any] = json.loads(text) if text.endswith("}") else {"event": "", "data": {}}
                if line["event"] == name and data.items() <= line["data"].items():
                    time.sleep(random.Random(f"{event}").random() * jitter)
                    return journal.parent.name
        assert process.poll() is None, (tmp_path / "output").read_text()
        time.sleep(0.01)
    raise AssertionError(f"{name} {data} did not come: {(tmp_path / 'output').read_text()}")


def blackstart(*words: str) -> subprocess.CompletedProcess[str]:
    """A command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "blackstart", *words], capture_output=True, text=True, check=False, timeout=180
    )


def left(engine: str, run_id: str, state_home: Path) -> list[str]:
    """All that is left of a run, seen without Blackstart's own eyes."""
    things = docker_things(f"blackstart-{run_id.rpartition('-')[2]}") if engine == "docker" else []
    folders = [str(path) for path in (state_home / "blackstart").glob("*")]
    return [*things, *folders, *processes_under(state_home)]


def gone(check: Callable[[], list[str]]) -> list[str]:
    """What is still there after a few seconds: a killed process takes a moment to go."""
    deadline = time.monotonic() + 10
    while (rest := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return rest


@pytest.mark.parametrize(("engine", "moment"), struck(KILLED))
def test_sweep_removes_all_that_a_killed_runner_left(
    engine: str, moment: str, tmp_path: Path, state_home: Path
) -> None:
    """SIGKILL at any moment, then `sweep`: no container, volume, network, process or folder of ours."""
    require_engine(engine)
    with running(engine, tmp_path) as process:
        run_id = wait_for(process, tmp_path, MOMENTS[moment])
        process.send_signal(signal.SIGKILL)
        process.wait()
    swept = blackstart("sweep")
    report = blackstart("report", run_id, "--reports", str(tmp_path / "reports"))

    assert (swept.returncode, swept.stderr) == (0, "")
    assert gone(lambda: left(engine, run_id, state_home)) == []
    assert report.returncode == 3, report.stdout + report.stderr
    assert "the run did not reach its end" in (tmp_path / "reports" / run_id / "verdict.json").read_text()


def test_sweep_removes_a_full_disk(engine: str, tmp_path: Path, state_home: Path) -> None:
    """A runner killed while a volume is a file system of its own leaves it mounted; `sweep` takes it away."""
    if select.kinds()[engine].refuses(BoundsVolumes):
        return
    with running(engine, tmp_path, "uploads-disk-full") as process:
        run_id = wait_for(process, tmp_path, MOMENTS["injected"])
        process.send_signal(signal.SIGKILL)
        process.wait()
    swept = blackstart("sweep")

    assert (swept.returncode, swept.stderr) == (0, "")
    assert gone(lambda: left(engine, run_id, state_home)) == []


@pytest.mark.parametrize(("engine", "moment"), struck(TERMINATED))
def test_a_terminated_run_leaves_nothing(engine: str, moment: str, tmp_path: Path, state_home: Path) -> None:
    """SIGTERM: the run cleans up by itself, writes its report and ends with 130."""
    require_engine(engine)
    with running(engine, tmp_path) as process:
        run_id = wait_for(process, tmp_path, MOMENTS[moment])
        process.send_signal(signal.SIGTERM)
        code = process.wait(120)

    assert code == 130, (tmp_path / "output").read_text()
    assert gone(lambda: left(engine, run_id, state_home)) == []
    assert "interrupted by SIGTERM" in (tmp_path / "reports" / run_id / "verdict.json").read_text()


def test_foreign_things_are_untouched(tmp_path: Path, state_home: Path) -> None:
    """Copied labels and look-alike names prove nothing: neither a dying run nor `sweep` touches them."""
    require_engine("docker")
    from blackstart.engines.docker.compose import RUN_LABEL
    from blackstart.engines.docker.endpoint import resolve

    client = resolve().client()
    with running("docker", tmp_path) as process:
        run_id = wait_for(process, tmp_path, MOMENTS["at the gate"])
        project = f"blackstart-{run_id.rpartition('-')[2]}"
        ours = client.containers.get(f"{project}-database-1")
        assert ours.labels[RUN_LABEL] == run_id
        names = [f"{project}-database-2", f"foreign-{os.getpid()}-of-{project}"]
        image = str(ours.attrs["Image"])
        volume_labels = client.volumes.get(f"{project}_uploads").attrs["Labels"]
        containers = [
            client.containers.create(image, ["-c", "sleep 300"], entrypoint="sh", name=name, labels=ours.labels)
            for name in names
        ]
        for container in containers:
            container.start()
        volumes = [client.volumes.create(f"{project}_uploads{tail}", labels=volume_labels) for tail in ("2", "_copy")]
        try:
            process.send_signal(signal.SIGKILL)
            process.wait()
            swept = blackstart("sweep")
            there = docker_things(f"{project}") + docker_things(f"foreign-{os.getpid()}")
            alive = {container.name: client.containers.get(str(container.id)).status for container in containers}
        finally:
            for container in containers:
                container.remove(force=True, v=True)
            for volume in volumes:
                volume.remove()

    assert (swept.returncode, swept.stderr) == (0, "")
    assert sorted(there) == sorted([*names, *(volume.name for volume in volumes)])
    assert alive == dict.fromkeys(names, "running")
