"""How a drill conducts its workers, whatever they do; the workers here are fakes that run no shop."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.core.builders import make_plan

from blackstart.drill import Drill
from blackstart.drill_result import DrillResult
from blackstart.drilling import conduct, running, summary
from blackstart.drilling.reading import Suite
from blackstart.errors import Refused
from blackstart.plan import Plan
from blackstart.planning import Options

ROOT = Path(__file__).parents[2]
Conduct = Callable[..., DrillResult]


@pytest.fixture
def conducted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Conduct:
    """Conducts a drill of fake workers; each does what its scenario's name says."""
    monkeypatch.setattr(running, "MODULE", "tests.core.fake_worker")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def drill(*names: str, jobs: int = 1, quiet: bool = True) -> DrillResult:
        suite = Suite(
            drill=Drill(name="mine", title="Mine", purpose="a release", schedule="every night", scenarios=names),
            files=tuple(tmp_path / f"{name}.yaml" for name in names),
        )
        plans = [_plan(name) for name in names]
        found, folder = conduct.conduct(
            suite, plans, Options(engine="embedded", lanes=jobs), tmp_path / "reports", quiet=quiet
        )
        assert json.loads(found.to_json()) == json.loads((folder / "drill.json").read_text())
        return found

    return drill


def _plan(name: str) -> Plan:
    made = make_plan()
    return replace(made, scenario=replace(made.scenario, name=name, title=f"The scenario {name}"))


def log_of(tmp_path: Path) -> list[tuple[str, str, str]]:
    """Lane, scenario, and `begins` or `ends`, in order of time."""
    path = tmp_path / "reports" / "log"
    lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return [(lane, name, what) for _, lane, name, what in sorted(lines, key=lambda line: float(line[0]))]


@pytest.mark.parametrize(
    ("names", "verdict", "code"),
    [
        (["a-0", "b-0"], "pass", 0),
        (["a-0", "b-5"], "pass", 5),
        (["a-5", "b-4"], "missed", 4),
        (["a-4", "b-3", "c-0"], "inconclusive", 3),
        (["a-3", "bug"], "inconclusive", 70),
        (["bug", "a-1", "b-3"], "fail", 1),
        (["a-0", "b-1", "c-130"], "fail", 130),
    ],
)
def test_the_worst_of_several(names: list[str], verdict: str, code: int, conducted: Conduct) -> None:
    """The gravest verdict and the gravest exit code are the drill's; each run keeps its own."""
    found = conducted(*names, jobs=3)

    assert (verdict, code) == (found.verdict, found.exit_code)
    assert names == [run.scenario for run in found.runs]
    assert [int(n.rpartition("-")[2]) if "-" in n else 70 for n in names] == [run.exit_code for run in found.runs]


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("bug", 70, "ended with 70 and without a verdict"),
        ("nothing", 3, "ended with 0 and without a verdict"),
        ("liar", 3, "ended with 3 and without a verdict"),
        ("killed", 3, "ended by SIGKILL before there was a verdict; blackstart sweep removes what it left"),
    ],
)
def test_a_worker_without_a_verdict_is_no_pass(name: str, code: int, reason: str, conducted: Conduct) -> None:
    """Nor is one whose verdict says pass while its process ended in another way; its neighbour is not touched."""
    found = conducted("a-0", name, jobs=2)
    whole, broken = found.runs

    assert ("pass", 0) == (whole.verdict, whole.exit_code)
    assert ("inconclusive", code, None) == (broken.verdict, broken.exit_code, broken.report)
    assert reason in broken.reasons[0]
    assert code == found.exit_code


def test_what_a_worker_said_last_is_told(conducted: Conduct, tmp_path: Path) -> None:
    """The last line of its stderr is the reason, the rest is in the drill's logs; others leave no log."""
    found = conducted("a-0", "bug")
    (log,) = tmp_path.glob("reports/drill-*/logs/*")

    assert "ZeroDivisionError: a bug of ours" in found.runs[1].reasons[0]
    assert ("02-bug.log", True) == (log.name, "Traceback" in log.read_text())


def test_a_refused_run_was_not_started(conducted: Conduct) -> None:
    """Something changed since it was planned: the drill goes on, and is inconclusive."""
    found = conducted("refused", "a-0")

    assert [("refused", "the engine is gone")] == [(none.scenario, none.reason) for none in found.not_started]
    assert (["a-0"], "inconclusive", 3) == ([run.scenario for run in found.runs], found.verdict, found.exit_code)


def test_what_is_no_line_of_ours_is_passed_over(conducted: Conduct) -> None:
    """Broken, endless and foreign lines from a worker do no harm: its verdict is in its folder."""
    assert "pass" == conducted("chatty").verdict


def test_no_more_at_once_than_asked(conducted: Conduct, tmp_path: Path) -> None:
    """Two lanes, in each of them one run after the other, and all have their turn."""
    names = ("slow", "a-0", "b-0", "c-0", "d-0")
    conducted(*names, jobs=2)
    log = log_of(tmp_path)
    lanes = [[(name, what) for lane, name, what in log if lane == number] for number in ("0", "1")]

    assert set(names) == {name for _, name, _ in log}
    assert 2 * len(names) == sum(map(len, lanes))
    for lane in lanes:
        assert [(name, what) for name, _ in lane[::2] for what in ("begins", "ends")] == lane


def test_after_an_interrupted_run_none_is_started(conducted: Conduct, tmp_path: Path) -> None:
    """Those beside it go on to their end."""
    found = conducted("slow", "a-130", "b-0", jobs=2)

    assert {"slow": 0, "a-130": 130} == {run.scenario: run.exit_code for run in found.runs}
    assert ["b-0"] == [none.scenario for none in found.not_started]
    assert 130 == found.exit_code


def signalled(number: signal.Signals, after: Callable[[], bool]) -> None:
    """Send this process a signal as soon as something has come about."""

    def wait() -> None:
        deadline = time.monotonic() + 30
        while not after() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(os.getpid(), number)

    threading.Thread(target=wait, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_reaches_each_worker_and_starts_none(
    number: signal.Signals, conducted: Conduct, tmp_path: Path
) -> None:
    """What runs is ended, what waits is not started, what is over stays, and the page is written: exit 130."""
    signalled(number, lambda: any(name == "early" for _, name, _ in log_of(tmp_path)))
    found = conducted("a-0", "early", "b-0")

    assert ["a-0"] == [run.scenario for run in found.runs]
    assert ["early", "b-0"] == [none.scenario for none in found.not_started]
    assert f"interrupted by {number.name}" == found.not_started[1].reason
    assert ("inconclusive", 130) == (found.verdict, found.exit_code)
    assert list(tmp_path.glob("reports/drill-*/report.html"))


def test_a_worker_that_will_not_end_is_killed(
    conducted: Conduct, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt is waited for, but not for ever."""
    monkeypatch.setattr(conduct, "INTERRUPTED_WITHIN_S", 0.5)
    signalled(signal.SIGTERM, lambda: bool(log_of(tmp_path)))
    (found,) = conducted("stubborn").runs

    assert 3 == found.exit_code
    assert "did not end when it was interrupted, and was killed" in found.reasons[0]


@pytest.mark.parametrize("stuck", ["frozen", "pulsing"])
def test_a_worker_that_makes_no_progress_is_killed(
    stuck: str, conducted: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it tells nothing or the same for ever: its neighbours do not wait, and it is no pass."""
    monkeypatch.setattr(running, "STUCK_S", 5.0)
    frozen, whole = conducted(stuck, "a-0").runs

    assert (3, 0) == (frozen.exit_code, whole.exit_code)
    assert "made no progress for too long, and was killed" in frozen.reasons[0]


def test_a_place_that_cannot_be_written_is_refused(conducted: Conduct, tmp_path: Path) -> None:
    """Before anything starts."""
    (tmp_path / "reports").touch()

    with pytest.raises(Refused, match="no report can be written"):
        conducted("a-0")


def test_lines_where_there_is_no_terminal(conducted: Conduct, capsys: pytest.CaptureFixture[str]) -> None:
    """Each begins with the seconds since the drill began and the scenario; stdout stays empty."""
    conducted("a-0", "b-1", jobs=2, quiet=False)
    said = capsys.readouterr()

    assert "" == said.out
    for line in ("Mine: 2 scenarios", "a-0: a step", "a-0: PASS, RTO 1.5 s, RPO 1.5 s", "b-1: FAIL, RTO"):
        assert f" s  {line}" in said.err


def test_the_summary(conducted: Conduct) -> None:
    """The drill's line first, then one for each scenario, with reasons for those that are not green."""
    first, *rest = summary.lines(conducted("a-0", "b-1", "refused"))

    assert "FAIL  Mine  (embedded, 2 runs: 1 pass, 1 fail; 1 not started, exit code 1)" == first
    assert rest[0].startswith("a-0      PASS          RTO actual 1.5 s, objective 2.0 s; RPO actual 1.5 s")
    assert rest[0].endswith("2 of 20 acknowledged writes lost; 2 of 2 checks green")
    assert ["  it was fail", "refused  not started: the engine is gone"] == rest[2:]


def test_junit_has_a_case_a_run(conducted: Conduct, tmp_path: Path) -> None:
    """Counts agree with the cases, so that a CI shows which run was red."""
    conducted("a-0", "b-1", "c-4", "d-3", "refused")
    (path,) = tmp_path.glob("reports/drill-*/junit.xml")
    suite = ElementTree.fromstring(path.read_text().partition("\n")[2])
    kinds = {case.get("name"): next((part.tag for part in case), None) for case in suite}

    assert {"a-0": None, "b-1": "failure", "c-4": "failure", "d-3": "error", "refused": "error"} == kinds
    assert ("5", "2", "2", "0") == tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped"))
