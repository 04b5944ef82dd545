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
from blackstart.selftest import command
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


def some(cases: Cases, first: int, step: int) -> Cases:
    """Every third or ninth case of each module, other ones on each engine."""
    return {kind: group[first::step] for kind, group in cases.items()}


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("engine", "first", "step"), [("embedded", 1, 9), ("docker", 0, 3)])
def test_everything_is_found_and_named_and_nothing_healthy_alarms(
    engine: str, first: int, step: int, tmp_path: Path, state_home: Path
) -> None:
    """A third of the cases on Docker, some on embedded (the soak has all of them): all are right, nothing is left."""
    require_engine(engine)
    clock = Clock()
    found, path = conduct(some(all_cases(), first, step), engine, tmp_path, clock=clock, progress=Progress(clock))

    assert [(line.what, line.word, line.red, line.error) for line in found.lines if not line.right] == []
    assert found.code is ExitCode.PASS
    assert processes_under(state_home) == []
    if engine == "docker":
        assert docker_things(json.loads((path / "plan.json").read_text())["project"]) == []


def test_the_command_prints_the_matrix(
    tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line a case, the counts, and last the page's path; the same stands in selftest.json."""
    monkeypatch.setattr(command, "all_cases", lambda: {"rows": (CENT, UNTOUCHED)})
    code = command.selftest("embedded", tmp_path, quiet=True)
    lines = capsys.readouterr().out.splitlines()
    stored = json.loads((Path(lines[-1]).parent / "selftest.json").read_text())

    assert code is ExitCode.PASS
    assert [line.split("rows: ")[1] for line in lines if "rows: " in line] == ["a cent", "nothing was touched"]
    assert "planted 1: found 1, named 1; healthy 1: false alarms 0" in lines
    assert [line["result"] for line in stored["lines"]] == ["found and named", "left alone"]
    assert Path(lines[-1]).read_text().startswith("<!doctype html>")


RESTORED = {
    "one bit of the RDB file flipped, and its manifest fits": {
        "exit code": True,
        "row counts": True,
        "dump diff": False,
    },
    "an older RDB file under the newest manifest": {"exit code": False, "row counts": True, "dump diff": False},
    "an older RDB file, and the newest manifest fits, so that it is restored": {
        "exit code": False,
        "row counts": True,
        "dump diff": False,
    },
    "an older dump, and the newest manifest fits, so that it is restored": {
        "exit code": False,
        "row counts": True,
        "dump diff": True,
    },
    "copies of the backups, as they were": {"exit code": False, "row counts": False, "dump diff": False},
}


def test_simpler_ways_restore_spoilt_backups_too(tmp_path: Path, state_home: Path) -> None:
    """Redis is started on the RDB file that the case left, or does not start; then it is put back for the next."""
    cases = {kind: [case for case in group if case.what in RESTORED] for kind, group in all_cases().items()}
    clock = Clock()
    found, _ = conduct({**cases, "rows": [UNTOUCHED]}, "embedded", tmp_path, clock=clock, progress=Progress(clock))

    assert [(line.what, line.word, line.red, line.error) for line in found.lines if not line.right] == []
    assert {line.what: line.simpler for line in found.lines if line.kind != "rows"} == RESTORED


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
        try:
            wait_for_the_second_case(process, state_home)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()

    assert process.returncode == 130, out + err
    assert "SIGINT" in Path(out.splitlines()[-1]).read_text()
    assert processes_under(state_home) == []
    assert not any(state_home.rglob("work"))


def wait_for_the_second_case(process: subprocess.Popen[str], state_home: Path) -> None:
    """Look only at names that do not come and go: a server's data folder may lose files while it is walked."""
    deadline = time.monotonic() + 120
    while not any(state_home.glob("blackstart/*/work/case-2")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
