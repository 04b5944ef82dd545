"""A drill: a suite of scenarios with a purpose and a schedule, as the YAML file describes it.

The fields are the file's keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from blackstart.scenario import Production


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """What is rehearsed together, what for, and when."""

    name: str
    title: str
    purpose: str = ""
    """What its result is used for: a release that waits for it, evidence for an auditor."""
    schedule: str = ""
    """When it is meant to be run, in words; whoever runs it sees to that."""
    scenarios: tuple[str, ...] = ()
    """Names as on the command line, or paths relative to the drill's file."""
    production: Production | None = None
    """What the drilled shop stands for, for scenarios that do not say so themselves."""
