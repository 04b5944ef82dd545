"""What `blackstart selftest` does once its words are parsed."""

from __future__ import annotations

from pathlib import Path

from blackstart import screen
from blackstart.clock import Clock
from blackstart.errors import ExitCode
from blackstart.selftest.catalogue import all_cases
from blackstart.selftest.conduct import conduct


def selftest(engine: str, reports: Path, *, quiet: bool) -> ExitCode:
    """Conduct every case; prints the matrix, the counts, and last the page's path."""
    clock = Clock()
    with screen.shown(clock, quiet=quiet) as progress:
        found, path = conduct(all_cases(), engine, reports, clock=clock, progress=progress)
    print("\n".join([*found.table(), "", *found.summary(), str(path / "report.html")]), flush=True)
    return found.code
