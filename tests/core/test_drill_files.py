"""A drill file that is wrong is refused with its line, its key and what is allowed, and nothing starts."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.core.malformed import GOOD as GOOD_SCENARIO
from tests.core.malformed import Case, case
from tests.core.test_malformed_scenarios import JARGON, elsewhere, invoke

from blackstart import load
from blackstart.drilling import reading
from blackstart.errors import ExitCode, InputRefused
from blackstart.planning import Options

__all__ = ["elsewhere"]  # a fixture

ROOT = Path(__file__).parents[2]
GOOD = b"""name: d
title: D
purpose: p
schedule: every night
production: {size: 200GB, backup_interval: 1h}
scenarios:
  - no-fault
  - mine.yaml
"""


def changed(old: bytes, new: bytes) -> bytes:
    """The valid file with one thing changed."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


ITEMS = b"scenarios:\n  - no-fault\n  - mine.yaml\n"
CASES = [
    case("empty", b"", 1, "", "is empty", "a mapping"),
    case("list", b"- no-fault\n", 1, "", "is no mapping", "keys such as name, title, scenarios"),
    case("not-yaml", GOOD + b"x: [1\n", 9, "", "flow sequence (begun on line 9)", "YAML"),
    case("duplicate-key", GOOD + b"title: E\n", 9, "title", "duplicate key (first on line 2)", "once"),
    case("unknown-key", GOOD + b"jobs: 2\n", 9, "jobs", "unknown key", "name, title, purpose, schedule, scenarios"),
    case("near-miss", GOOD + b"shedule: x\n", 9, "shedule", "did you mean schedule?", "schedule"),
    case("no-name", changed(b"name: d\n", b""), 1, "name", "is missing", "value"),
    case("no-title", changed(b"title: D\n", b""), 1, "title", "is missing", "value"),
    case("bad-name", changed(b"name: d", b"name: A B"), 1, "name", "'A B' cannot name a drill", "lower-case"),
    case("empty-name", changed(b"name: d", b"name: ''"), 1, "name", "'' cannot name a drill", "lower-case"),
    case("path-as-name", changed(b"name: d", b"name: ../x"), 1, "name", "'../x' cannot name a drill", "lower-case"),
    case("number-as-title", changed(b"title: D", b"title: 5"), 2, "title", "5 has the wrong type", "text"),
    case("list-as-purpose", changed(b": p\n", b": [p]\n"), 3, "purpose", "a list has the wrong type", "text"),
    case("null-schedule", changed(b"every night", b""), 4, "schedule", "has no value", "text"),
    case("no-scenarios", changed(ITEMS, b""), 1, "scenarios", "is missing", "a list of scenarios"),
    case("null-scenarios", changed(ITEMS, b"scenarios:\n"), 6, "scenarios", "is no list", "a list of scenarios"),
    case("empty-scenarios", changed(ITEMS, b"scenarios: []\n"), 6, "scenarios", "is empty", "a list of scenarios"),
    case("text-scenarios", changed(ITEMS, b"scenarios: no-fault\n"), 6, "scenarios", "is no list", "a list of"),
    case("mapping-item", changed(b"- no-fault", b"- {name: x}"), 7, "scenarios[0]", "a mapping names no", "a name or"),
    case(
        "null-item", changed(b"- no-fault", b"-"), 7, "scenarios[0]", "no value names no scenario", "a name or a path"
    ),
    case("empty-item", changed(b"- no-fault", b"- ''"), 7, "scenarios[0]", "'' names no scenario", "a name or a path"),
    case(
        "unknown-name", changed(b"no-fault", b"no-folt"), 7, "scenarios[0]", "(did you mean no-fault?)", "kill-database"
    ),
    case("far-name", changed(b"no-fault", b"zzzzzz"), 7, "scenarios[0]", "no such scenario 'zzzzzz'", "no-fault"),
    case("no-name-at-all", changed(b"- no-fault", b'- "a\\0b"'), 7, "scenarios[0]", "no such scenario", "no-fault"),
    case("no-file", changed(b"mine.yaml", b"m.yaml"), 8, "scenarios[1]", "'m.yaml' is not a file", "relative to this"),
    case("twice", changed(b"mine.yaml", b"no-fault"), 8, "scenarios[1]", "'no-fault' is scenarios[0] already", "once"),
    case("same-file", GOOD + b"  - ./mine.yaml\n", 9, "scenarios[2]", "is scenarios[1] already", "each scenario once"),
    case("no-size", changed(b"size: 200GB, ", b""), 5, "production.size", "is missing", "value"),
    case("bad-size", changed(b"200GB", b"200"), 5, "production.size", "200 is not allowed", "a size such as"),
    case("bad-interval", changed(b": 1h", b": 1"), 5, "production.backup_interval", "1 is not", "a duration such as"),
    case(
        "text-production", changed(b"{size: 200GB, backup_interval: 1h}", b"big"), 5, "production", "'big' has", "size"
    ),
]


def written(folder: Path, text: bytes) -> Path:
    """A drill file, and a good scenario beside it."""
    (folder / "mine.yaml").write_bytes(GOOD_SCENARIO)
    path = folder / "d.yaml"
    path.write_bytes(text)
    return path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_problem_is_named(case: Case, tmp_path: Path) -> None:
    """One problem, at its line and key, in the user's words; the message is a single line."""
    path = written(tmp_path, case.text)
    with pytest.raises(InputRefused) as refused:
        reading.read(path)
    (problem,) = refused.value.problems

    assert (str(path), case.line, case.key) == (problem.file, problem.line, problem.key)
    assert case.what in problem.what
    assert case.allowed in problem.allowed
    assert JARGON.search(str(problem)) is None
    assert str(problem).isprintable()


@pytest.mark.parametrize("case", CASES[::5], ids=lambda case: case.id)
def test_drill_starts_nothing(case: Case, elsewhere: Path) -> None:
    """`drill` ends with 2, and leaves no report and no state."""
    written(elsewhere, case.text)

    result = invoke("drill", "d.yaml", "--engine", "embedded")

    assert ExitCode.REFUSED == result.exit_code
    assert f"d.yaml:{case.line}: " in result.stderr
    assert ["d.yaml", "mine.yaml"] == sorted(path.name for path in elsewhere.iterdir())


def test_all_problems_in_line_order(tmp_path: Path) -> None:
    """Problems of every kind come in one go."""
    path = tmp_path / "d.yaml"
    path.write_text("zzz: 1\nname: A B\nscenarios:\n  - nope\n  - [x]\nproduction: {size: 1}\ntitle: 5\n")
    with pytest.raises(InputRefused) as refused:
        reading.read(path)
    lines = [problem.line for problem in refused.value.problems]

    assert sorted(lines) == lines
    assert {1, 4, 5, 6, 7} <= set(lines)


def test_one_bad_scenario_keeps_all_from_starting(elsewhere: Path) -> None:
    """All scenarios are planned before the first run starts, and each one's problems are told."""
    written(elsewhere, GOOD)
    (elsewhere / "mine.yaml").write_bytes(GOOD_SCENARIO.replace(b"title: T", b"title: 5"))
    (elsewhere / "other.yaml").write_bytes(b"name: x\n")
    (elsewhere / "d.yaml").write_bytes(GOOD + b"  - other.yaml\n")

    drilled, validated = invoke("drill", "d.yaml", "--engine", "embedded"), invoke("validate", "d.yaml")

    for result in (drilled, validated):
        assert ExitCode.REFUSED == result.exit_code
        assert "mine.yaml:2: title: 5 has the wrong type" in result.stderr
        assert "other.yaml:1: title: is missing" in result.stderr
    assert not (elsewhere / "reports").exists()


def test_a_good_file_passes(elsewhere: Path) -> None:
    """`validate` tells drills from scenarios by what is in them."""
    written(elsewhere, GOOD)

    result = invoke("validate", "d.yaml", "mine.yaml")

    assert (0, "d.yaml: valid: D\nmine.yaml: valid: T\n") == (result.exit_code, result.stdout)


def test_a_scenario_is_no_drill(elsewhere: Path) -> None:
    """It lacks what makes a drill, and has what a drill does not have."""
    written(elsewhere, GOOD)

    result = invoke("drill", "mine.yaml", "--engine", "embedded")

    assert ExitCode.REFUSED == result.exit_code
    assert "mine.yaml:1: scenarios: is missing; allowed: a list of scenarios" in result.stderr


def test_a_drills_own_paths_are_relative_to_it(elsewhere: Path) -> None:
    """And names are looked up as on the command line: ./scenarios comes first."""
    (elsewhere / "suites").mkdir()
    (elsewhere / "scenarios").mkdir()
    written(elsewhere / "suites", GOOD)
    (elsewhere / "scenarios" / "no-fault.yaml").write_bytes(b"name: mine\ntitle: Mine\n")

    suite = reading.read(elsewhere / "suites" / "d.yaml")

    wanted = [elsewhere / "scenarios" / "no-fault.yaml", elsewhere / "suites" / "mine.yaml"]
    assert wanted == list(suite.files)
    assert ("no-fault", "mine.yaml") == suite.drill.scenarios


def test_production_is_given_on(elsewhere: Path) -> None:
    """To scenarios that do not say themselves what they stand for."""
    written(elsewhere, GOOD)
    own = b"production: {size: 1TB, backup_interval: 5m}\n"
    (elsewhere / "mine.yaml").write_bytes(GOOD_SCENARIO + own)
    suite = reading.read(elsewhere / "d.yaml")

    plans = reading.plan(suite, Options(engine="embedded", production=suite.drill.production))

    shops = [plan.scenario.production for plan in plans]
    assert [(200e9, 3600.0), (1e12, 300.0)] == [(shop.size, shop.backup_interval) for shop in shops if shop]


def test_dry_run_prints_every_plan(elsewhere: Path) -> None:
    """And starts nothing."""
    written(elsewhere, GOOD)

    result = invoke("drill", "d.yaml", "--engine", "embedded", "--dry-run", "--jobs", "2")

    assert (0, "") == (result.exit_code, result.stderr)
    assert ["no-fault: Nothing goes wrong", "x: T"] == re.findall(r"^\S.*", result.stdout, re.MULTILINE)
    assert not (elsewhere / "reports").exists()


@pytest.mark.parametrize("jobs", ["0", "33", "two"])
def test_jobs_are_a_small_number(jobs: str, elsewhere: Path) -> None:
    """Anything else is refused before the file is read."""
    assert ExitCode.REFUSED == invoke("drill", "d.yaml", "--jobs", jobs).exit_code


def test_a_name_that_no_drill_has(elsewhere: Path) -> None:
    """A near miss of a shipped name is answered with that name."""
    result = invoke("drill", "smok", "--engine", "embedded")

    assert ExitCode.REFUSED == result.exit_code
    assert "smok: no such drill\n  hint: did you mean smoke?\n" == result.stderr


def test_drills_are_listed(elsewhere: Path) -> None:
    """Those that ship, and those in ./drills, each with its title."""
    (elsewhere / "drills").mkdir()
    (elsewhere / "drills" / "own.yaml").write_bytes(GOOD)

    lines = [line.split(maxsplit=1) for line in invoke("list", "drills").stdout.splitlines()]

    assert {"own": "D"}.items() <= dict(lines).items()
    assert {"smoke", "nightly"} <= {name for name, _ in lines}


def test_a_wheel_has_the_drills(tmp_path: Path) -> None:
    """And the scenarios that they name, where `load` looks for them."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        files = {Path(name) for name in wheel.namelist()}

    for folder in ("drills", "scenarios"):
        (place,) = load.shipped(folder)
        assert {path.name for path in place.glob("*.yaml")} == {
            path.name for path in files if path.parent == Path("blackstart", folder)
        }
    assert Path("blackstart/report/templates/style.css") in files
