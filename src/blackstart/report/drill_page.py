"""The page of a drill: what its runs found, side by side, each with a link to its own report."""

from __future__ import annotations

from datetime import datetime

from blackstart.drill_result import DrillResult, Figure, RunResult
from blackstart.report.html import environment
from blackstart.units import format_duration
from blackstart.verdict import PROVEN

_HEADLINES = {
    "pass": "Every disaster was recovered from, and that is proven",
    "fail": "In at least one run data was lost or wrong, or the shop did not come back",
    "missed": "Everything came back, but an objective was missed",
    "inconclusive": "Not everything is proven",
}


def render(found: DrillResult) -> str:
    """The page; every value is escaped."""
    made = environment()
    made.filters |= {"met": met, "took": took}
    return made.get_template("drill.html").render(found=found, headline=_HEADLINES[found.verdict])


def met(figure: Figure, run: RunResult) -> str:
    """Whether the measurement is within its objective; one beside wrong or unproven data has met nothing."""
    if figure.actual_s is None or figure.objective_s is None:
        return ""
    if figure.censored:
        return "not recovered"
    if figure.actual_s > figure.objective_s:
        return "missed"
    return "met" if run.verdict in PROVEN else "not proven"


def took(of: DrillResult | RunResult) -> str:
    """From the beginning to the end."""
    if of.started is None or of.finished is None:
        return "–"
    return format_duration((datetime.fromisoformat(of.finished) - datetime.fromisoformat(of.started)).total_seconds())
