"""What dumps of PostgreSQL say of themselves: the tables whose rows they hold, and whether they have an end."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from blackstart.checks import parse
from blackstart.evidence import Observation

_COPY = re.compile(rb"COPY (.+?)(?: \(.*\))? +FROM stdin;\n")
_IDENTIFIER = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')
_END_OF_ROWS = b"\\.\n"
_TRAILER = b"-- PostgreSQL database dump complete"


def listed(listing: str, wanted: Collection[str]) -> list[str]:
    """`schema.table` of each TABLE DATA line that `pg_restore --list` printed.

    Schema, name and owner are parted by blanks and not quoted, and names may have blanks too: a line is
    taken for the longest of the `wanted` names, as SQL writes them, that it begins with.
    """
    known = {f"{' '.join(_parts(name))} ": name for name in sorted(wanted, key=len, reverse=True)}
    found = []
    for line in listing.splitlines():
        entry = line.partition(" TABLE DATA ")[2]
        if entry and not line.startswith(";"):
            name = next((name for text, name in known.items() if entry.startswith(text)), "")
            found.append(name or entry.rpartition(" ")[0].replace(" ", ".", 1))
    return found


def plain(dump: Path) -> tuple[list[str], str]:
    """`schema.table` of each COPY in a plain dump, as SQL writes it; and how the dump breaks off, or nothing."""
    found, copying, complete = [], "", False
    with dump.open("rb") as lines:
        for line in lines:
            if copying:
                copying = "" if line == _END_OF_ROWS else copying
            elif begun := _COPY.fullmatch(line):
                copying = begun.group(1).decode(errors="replace")
                found.append(copying)
            else:
                complete = complete or line.startswith(_TRAILER)
    if copying:
        return found, f"the dump breaks off among the rows of {copying}"
    return found, "" if complete else "the dump has no trailer: it was cut"


def compared(wanted: Collection[str], held: Collection[str], broken: str) -> Observation:
    """The tables that a dump holds beside those of its manifest, and how it breaks off; empty if it is whole."""
    return parse.observed(
        "database",
        expected={"tables": len(wanted), "whole": True},
        actual={"tables": len(held), "whole": not broken},
        differences=[
            *([broken] if broken else []),
            *(f"the dump has no table {name}" for name in sorted(set(wanted) - set(held))),
            *(f"the manifest has no table {name}" for name in sorted(set(held) - set(wanted))),
        ],
    )


def _parts(name: str) -> list[str]:
    """Schema and table without the quotes."""
    return [quoted.replace('""', '"') or bare for quoted, bare in _IDENTIFIER.findall(name)]
