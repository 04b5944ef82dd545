"""Drill files: read as strictly as scenarios, and every scenario that they name is planned or refused."""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass
from pathlib import Path

from blackstart import load, planning, validation, yaml_source
from blackstart.clock import Clock
from blackstart.drill import Drill
from blackstart.errors import InputRefused, Problem
from blackstart.plan import NAME_ALLOWED, Plan, is_name
from blackstart.planning import Options
from blackstart.yaml_source import Source, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A drill, and the file of each of its scenarios."""

    drill: Drill
    files: tuple[Path, ...]


def read(path: Path) -> Suite:
    """The drill in a file; InputRefused names every problem of it, but none of its scenarios'."""
    source = yaml_source.read(path)
    if not isinstance(source.value, dict):
        raise InputRefused([source.problem((), "is no mapping", "keys such as name, title, scenarios")])
    problems: list[Problem] = []
    value = dict(source.value)
    files = _scenarios(source, value.pop("scenarios", None), path.parent, problems)
    drill = validation.validated(Drill, value, source, (), problems)
    if isinstance(drill, Drill) and not is_name(drill.name):
        problems.append(source.problem(("name",), f"{shown(drill.name)} cannot name a drill", NAME_ALLOWED))
    if problems:
        raise InputRefused(sorted(problems, key=lambda p: p.line), hint="blackstart validate FILE checks a file")
    return Suite(drill=dataclasses.replace(drill, scenarios=tuple(source.value["scenarios"])), files=tuple(files))


def is_drill(path: Path) -> bool:
    """Whether a file's content is a drill's; InputRefused if it is no YAML that we read."""
    value = yaml_source.read(path).value
    return isinstance(value, dict) and "scenarios" in value


def check(path: Path) -> Drill:
    """A drill file, validated together with the scenarios that it names; nothing starts."""
    suite = read(path)
    problems: list[Problem] = []
    for file in suite.files:
        try:
            planning.check_file(file)
        except InputRefused as refused:
            problems += refused.problems
    if problems:
        raise InputRefused(problems)
    return suite.drill


def plan(suite: Suite, options: Options) -> list[Plan]:
    """A plan for each scenario, or InputRefused with what is wrong with any of them."""
    plans: list[Plan] = []
    problems: list[Problem] = []
    for file in suite.files:
        try:
            made, _ = planning.plan_run(str(file), options, Clock())
            plans.append(made)
        except InputRefused as refused:
            problems += refused.problems
    if problems:
        raise InputRefused(problems)
    return plans


def _scenarios(source: Source, items: object, folder: Path, problems: list[Problem]) -> list[Path]:
    """The files that a drill names, each once."""
    allowed = "a list of scenarios, by name or by path"
    if items is None and ("scenarios",) not in source.lines:
        problems.append(source.problem(("scenarios",), "is missing", allowed))
        return []
    if not isinstance(items, list) or not items:
        what = "is empty" if items == [] else "is no list"
        problems.append(source.problem(("scenarios",), what, allowed))
        return []
    found: dict[Path, int] = {}
    for index, item in enumerate(items):
        file = _scenario(source, index, item, folder, problems)
        if file is not None and file in found:
            what = f"{shown(item)} is scenarios[{found[file]}] already"
            problems.append(source.problem(("scenarios", index), what, "each scenario once"))
        elif file is not None:
            found[file] = index
    return list(found)


def _scenario(source: Source, index: int, item: object, folder: Path, problems: list[Problem]) -> Path | None:
    key = ("scenarios", index)
    if not isinstance(item, str) or not item:
        problems.append(source.problem(key, f"{shown(item)} names no scenario", "a name or a path"))
        return None
    # A file's own paths are relative to it, from wherever it is run; names mean what they mean everywhere.
    here = folder if load.is_path(item) else Path.cwd()
    found = load.look_up(item, "scenarios", here=here)
    if found is not None:
        return found.resolve()
    if load.is_path(item):
        problems.append(source.problem(key, f"{shown(item)} is not a file", "a path relative to this file, or a name"))
        return None
    known = load.names("scenarios", here=here)
    close = difflib.get_close_matches(item, known, n=1)
    what = f"no such scenario {shown(item)}" + (f" (did you mean {close[0]}?)" if close else "")
    problems.append(source.problem(key, what, ", ".join(known)))
    return None
