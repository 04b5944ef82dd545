"""The page of a self-test: the detection matrix, and what simpler ways of verifying saw of it."""

from __future__ import annotations

from blackstart.errors import ExitCode
from blackstart.report.html import environment
from blackstart.selftest.matrix import SIMPLER, Matrix
from blackstart.units import format_duration

_HEADLINES = {
    ExitCode.PASS: ("pass", "Everything that was planted was found and named, and nothing healthy alarmed"),
    ExitCode.LEFTOVERS: ("pass", "Everything was found and named, but something of ours was left behind"),
    ExitCode.INCONCLUSIVE: ("inconclusive", "Not every case was conducted"),
    ExitCode.INTERRUPTED: ("inconclusive", "It was interrupted, so not every case was conducted"),
    ExitCode.DATA_WRONG: ("fail", "Something was missed or misnamed, or something healthy alarmed"),
}


def render(found: Matrix) -> str:
    """The page; every value is escaped."""
    word, headline = _HEADLINES[found.code]
    made = environment()
    made.filters["duration"] = format_duration
    return made.get_template("selftest.html").render(found=found, word=word, headline=headline, simpler=SIMPLER)
