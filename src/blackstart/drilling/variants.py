"""Variants of one scenario, run like a drill: files made for the occasion, each run so many times, in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from blackstart import describing
from blackstart.drill import Drill
from blackstart.drill_result import DrillResult
from blackstart.drilling import conduct, reading
from blackstart.drilling.reading import Suite
from blackstart.engines import select
from blackstart.planning import Options
from blackstart.scenario import Scenario


def conducted(
    scenario: Scenario,
    files: Sequence[Path],
    options: Options,
    reports: Path,
    *,
    repeats: int,
    quiet: bool,
    dry_run: bool,
    word: str,
    tell: Callable[[Path, DrillResult], None],
) -> Path | None:
    """Run every file `repeats` times; returns the folder that tells of it, or with `dry_run` None.

    In turns, so that whatever changes on the machine meanwhile meets all of them. All are planned before the
    first one starts. The files themselves are kept in the folder, beside what `tell` writes into it.
    """
    suite = Suite(drill=Drill(name=scenario.name, title=f"{scenario.title}: {word}"), files=tuple(files) * repeats)
    plans = reading.plan(suite, options)
    if dry_run:
        for plan in plans:
            print("\n".join(describing.described(plan, select.kinds()[plan.engine])))
        return None
    options = replace(options, engine=plans[0].engine)

    def told(path: Path, result: DrillResult) -> None:
        (path / "scenarios").mkdir()
        for file in files:
            (path / "scenarios" / file.name).write_bytes(file.read_bytes())
        tell(path, result)

    _, path = conduct.conduct(suite, plans, options, reports, quiet=quiet, word=word, tell=told)
    return path


def write(path: Path, text: str) -> None:
    """A file whose text may hold what no encoding has."""
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
