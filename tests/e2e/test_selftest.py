"""The self-test for real: it finds everything, and it would say so if a check were blind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from tests.conftest import require_engine
from tests.e2e.harness import docker_things, processes_under

from blackstart.checks.base import Scene
from blackstart.checks.checksums import Checksums
from blackstart.clock import Clock
from blackstart.errors import ExitCode
from blackstart.evidence import Observation
from blackstart.progress import Progress
from blackstart.selftest.case import Case, sql
from blackstart.selftest.catalogue import all_cases
from blackstart.selftest.conduct import conduct

Cases = Mapping[str, Sequence[Case]]
CENT = Case(
    what="a cent",
    plant=sql("UPDATE products SET price = price + 0.01 WHERE product_id = 9"),
    found_by="checksums",
    names="product_id = 9",
)
UNTOUCHED = Case(what="nothing was touched", plant=sql())


def third(cases: Cases) -> Cases:
    """Every third case of each module, at least one."""
    return {kind: group[::3] for kind, group in cases.items()}


@pytest.mark.timeout(900)
def test_everything_is_found_and_named_and_nothing_healthy_alarms(tmp_path: Path, state_home: Path) -> None:
    """The command, as people run it: exit code 0, a line a case, last the page's path; nothing is left."""
    words = [sys.executable, "-m", "blackstart", "selftest", "--engine", "embedded", "--reports", str(tmp_path / "r")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=840)
    lines = done.stdout.splitlines()
    stored = json.loads((Path(lines[-1]).parent / "selftest.json").read_text())

    assert done.returncode == 0, done.stdout + done.stderr
    assert {line["result"] for line in stored["lines"]} == {"found and named", "left alone"}
    assert len(stored["lines"]) == sum(len(group) for group in all_cases().values())
    assert Path(lines[-1]).read_text().startswith("<!doctype html>")
    assert not any(state_home.rglob("work"))
    assert processes_under(state_home) == []


@pytest.mark.timeout(900)
def test_a_third_of_it_on_docker(tmp_path: Path, state_home: Path) -> None:
    """Containers and named volumes instead of processes and folders: the same."""
    require_engine("docker")
    clock = Clock()
    found, path = conduct(third(all_cases()), "docker", tmp_path, clock=clock, progress=Progress(clock))

    assert [(line.what, line.word, line.red) for line in found.lines if not line.right] == []
    assert found.code is ExitCode.PASS
    assert docker_things(json.loads((path / "plan.json").read_text())["project"]) == []


def test_a_blind_check_is_found_out(tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the checksums always green, the matrix would have a line that says: missed."""

    def nothing_differs(self: Checksums, scene: Scene) -> Iterator[Observation]:
        yield Observation(
            check="checksums", layer=6, subject="public.products", stage=scene.stage, expected=1, actual=1
        )

    monkeypatch.setattr(Checksums, "observe", nothing_differs)
    clock = Clock()
    cases = {"rows": (CENT, UNTOUCHED)}
    found, _ = conduct(cases, "embedded", tmp_path, clock=clock, progress=Progress(clock))

    assert [line.word for line in found.lines if line.what == "a cent"] == ["missed"]
    assert found.code is ExitCode.DATA_WRONG


def test_an_interrupted_self_test_cleans_up(tmp_path: Path, state_home: Path) -> None:
    """SIGINT in the middle: exit code 130, what was found so far, and nothing of ours stays."""
    words = [sys.executable, "-m", "blackstart", "selftest", "--engine", "embedded", "--reports", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not list(state_home.rglob("case-2")) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)

    assert process.returncode == 130, out + err
    assert "SIGINT" in Path(out.splitlines()[-1]).read_text()
    assert processes_under(state_home) == []
    assert not any(state_home.rglob("work"))
