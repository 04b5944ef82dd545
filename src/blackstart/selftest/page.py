"""The page of a self-test: the detection matrix, and what simpler ways of verifying saw of it."""

from __future__ import annotations

import re

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


_TITLES = {
    "backups": "Backups",
    "backups_exchanged": "Backups of another time or place",
    "catalog": "Tables and columns",
    "catalog_code": "Functions, triggers and views",
    "catalog_rights": "Owners, grants and settings",
    "catalog_rules": "Constraints and indexes",
    "catalog_types": "Types and other objects",
    "invariants": "The shop's own invariants",
    "keys": "Keys in Redis",
    "ledger": "Customers' writes",
    "pages": "Pages on disk",
    "rows": "Rows",
    "sequences": "Sequences",
    "stores": "Stores beside each other",
    "untouched": "Nothing at all",
    "uploads": "Uploaded files",
}
"""What the modules of `cases/` are about."""
_LONG_HEX = re.compile(r"[0-9A-Fa-f]{32,}")
_SHOWN_DIGITS = 12


def render(found: Matrix) -> str:
    """The page; every value is escaped."""
    word, headline = _HEADLINES[found.code]
    made = environment()
    made.filters["duration"] = format_duration
    made.filters["title"] = _title
    made.filters["legible"] = _legible
    return made.get_template("selftest.html").render(found=found, word=word, headline=headline, simpler=SIMPLER)


def _title(kind: str) -> str:
    """A module's title; one that has none is called by its name."""
    return _TITLES.get(kind, kind)


def _legible(text: str) -> str:
    """Digests cut short: selftest.json has them whole."""
    return _LONG_HEX.sub(lambda found: f"{found.group()[:_SHOWN_DIGITS]}…", text)
