"""A file that is wrong is refused with its line, its key and what is allowed, and nothing starts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.core.builders import SCENARIOS
from tests.core.malformed import CASES, GOOD, Case, changed
from typer.testing import CliRunner, Result

from blackstart import planning
from blackstart.cli import app
from blackstart.errors import ExitCode, InputRefused, Problem

JARGON = re.compile(
    r"Node\(|instance of|[Dd]ictionary|Input should|object at 0x|Spec\b|pydantic|ruamel|tag:yaml|None|True"
)
"""Words of the libraries and classes behind the messages; none of them is the user's."""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path) -> Path:
    """An empty folder as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*words: str) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(app, list(words))


def problems(path: Path) -> tuple[Problem, ...]:
    """What is wrong with a file."""
    with pytest.raises(InputRefused) as refused:
        planning.check_file(path)
    return refused.value.problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_problem_is_named(case: Case, tmp_path: Path) -> None:
    """One problem, at its line and key, in the user's words; the message is a single line."""
    path = tmp_path / "s.yaml"
    path.write_bytes(case.text)

    (problem,) = problems(path)

    assert (str(path), case.line, case.key) == (problem.file, problem.line, problem.key)
    assert case.what in problem.what
    assert case.allowed in problem.allowed
    assert JARGON.search(str(problem)) is None
    assert str(problem).isprintable()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_run_starts_nothing(case: Case, elsewhere: Path) -> None:
    """`run` ends with 2, says what `validate` says, and leaves no report and no state."""
    (elsewhere / "s.yaml").write_bytes(case.text)

    result = invoke("run", "s.yaml", "--engine", "embedded")

    place = re.escape(f"s.yaml:{case.line}: " + (f"{case.key}: " if case.key else ""))
    assert ExitCode.REFUSED == result.exit_code
    assert re.search(rf"(^|/){place}.*{re.escape(case.what)}.*; allowed: .*{re.escape(case.allowed)}", result.stderr)
    assert "Traceback" not in result.output + result.stderr
    assert ["s.yaml"] == [path.name for path in elsewhere.iterdir()]


def test_validate_reports_every_file(elsewhere: Path) -> None:
    """One call shows the problems of all files, says which files are valid, and ends with 2."""
    cases = CASES[::6]
    for number, case in enumerate(cases):
        (elsewhere / f"{number}.yaml").write_bytes(case.text)
    (elsewhere / "good.yaml").write_bytes(GOOD)

    result = invoke("validate", *(f"{number}.yaml" for number in range(len(cases))), "good.yaml")

    assert ExitCode.REFUSED == result.exit_code
    assert [f"{n}.yaml:{case.line}" for n, case in enumerate(cases)] == re.findall(
        r"^\d+\.yaml:\d+", result.stderr, re.M
    )
    assert "good.yaml: valid: T\n" == result.stdout


def test_all_problems_of_a_file_in_line_order(tmp_path: Path) -> None:
    """Problems of every kind come in one go, by line."""
    path = tmp_path / "s.yaml"
    path.write_text("zzz: 1\nrestore: {}\nfaults:\n  - {kind: x}\n  - {volume: a}\nseed: {scale: huge}\ntitle: 5\n")

    found = [(problem.line, problem.key) for problem in problems(path)]

    expected = [(1, "name"), (1, "zzz"), (2, "restore"), (4, "faults[0].kind"), (5, "faults[1].kind")]
    assert [*expected, (6, "seed.scale"), (7, "title")] == sorted(found)
    assert sorted(line for line, _ in found) == [line for line, _ in found]


def test_all_problems_of_sense_in_line_order(tmp_path: Path) -> None:
    """What does not fit together is reported by line too, wherever the keys stand."""
    path = tmp_path / "s.yaml"
    path.write_text(
        "faults:\n  - {kind: delete-volume, volume: postgres_data, after: {backups: 1}}\n"
        "  - {kind: kill-container, service: db}\nrestore: {cache: restart}\ntitle: T\nname: A B\n"
    )

    found = [(problem.line, problem.key) for problem in problems(path)]

    assert [(2, "faults[0].after"), (3, "faults[1].service"), (4, "restore"), (6, "name")] == found


def test_all_problems_of_yaml(tmp_path: Path) -> None:
    """Duplicate keys, tags and keys that are no names are reported together."""
    path = tmp_path / "s.yaml"
    path.write_text("name: !x y\nname: z\n1: a\nwhy: {b: 1, b: 2}\n")

    found = [(problem.line, problem.key) for problem in problems(path)]

    assert [(1, "name"), (2, "name"), (3, ""), (4, "why.b")] == found


def test_a_line_is_the_files_own(tmp_path: Path) -> None:
    """A byte order mark, comments and Windows line ends do not move lines."""
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbf# a comment\r\n\r\n" + changed(b"title: T", b"title: 5").replace(b"\n", b"\r\n"))

    assert [4] == [problem.line for problem in problems(path)]


@pytest.mark.parametrize("name", ["folder.yaml", "missing.yaml"])
def test_what_is_no_file(elsewhere: Path, name: str) -> None:
    """A directory or a missing file is refused, by `validate` and by `run`."""
    (elsewhere / "folder.yaml").mkdir()

    validated, ran = invoke("validate", name), invoke("run", name, "--engine", "embedded")

    assert (ExitCode.REFUSED, f"{name}:1: is not a file\n") == (validated.exit_code, validated.stderr)
    assert ExitCode.REFUSED == ran.exit_code
    assert f"{name}: no such file" in ran.stderr
    assert ["folder.yaml"] == [path.name for path in elsewhere.iterdir()]


def test_a_name_that_no_file_has(elsewhere: Path) -> None:
    """A near miss of a shipped name is answered with that name."""
    result = invoke("run", "kill-databse", "--engine", "embedded")

    assert ExitCode.REFUSED == result.exit_code
    assert "kill-databse: no such scenario\n  hint: did you mean kill-database?\n" == result.stderr


def test_a_name_that_no_file_can_have(elsewhere: Path) -> None:
    """Too long for the file system, it is refused like any other."""
    result = invoke("run", "x" * 300, "--engine", "embedded")

    assert ExitCode.REFUSED == result.exit_code
    assert "no such scenario" in result.stderr


def test_one_bad_input_keeps_all_from_starting(elsewhere: Path) -> None:
    """All inputs are planned before the first run starts."""
    (elsewhere / "bad.yaml").write_bytes(b"name: x\n")

    result = invoke("run", "no-fault", "bad.yaml", "--engine", "embedded")

    assert ExitCode.REFUSED == result.exit_code
    assert ["bad.yaml"] == [path.name for path in elsewhere.iterdir()]


def test_as_a_process(elsewhere: Path) -> None:
    """The real command: the problem alone on stderr, nothing on stdout, exit code 2."""
    (elsewhere / "bad.yaml").write_bytes(b"name: x\ntitle: T\nfaults: 3\n")

    command = [sys.executable, "-m", "blackstart", "validate", "bad.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    expected = "bad.yaml:3: faults: is no list; allowed: a list of faults, each with its kind\n"
    assert (2, "", expected) == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_scenarios_are_valid(path: Path) -> None:
    """Every file that ships passes, and is called what it is named."""
    assert path.stem == planning.check_file(path).name


def test_a_good_file_passes(tmp_path: Path) -> None:
    """The file that all cases are changes of is valid, so each is refused for its change alone."""
    path = tmp_path / "s.yaml"
    path.write_bytes(GOOD)

    assert ("x", "T") == (planning.check_file(path).name, planning.check_file(path).title)
