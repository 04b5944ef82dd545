"""The HTML report: one file, nothing fetched, readable without scripts."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from blackstart.report.view import View, value


def render(view: View) -> str:
    """The page; every value is escaped."""
    return environment().get_template("report.html").render(view=view)


def environment() -> Environment:
    """Where templates are, and how they are read."""
    made = Environment(
        loader=PackageLoader("blackstart.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["value"] = value
    return made
