"""Names in the steps of runbooks that the stack does not have: read from the plan's own words, nothing imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.errors import Problem
from blackstart.scenario import ProcedureSpec, Scenario
from blackstart.stack import Role, Stack
from blackstart.yaml_source import Key, Source

_COPIES = ("from", "to")


def problems(scenario: Scenario, source: Source, stack: Stack) -> Iterator[Problem]:
    """Unknown services and volumes, in every step of every runbook."""
    parts: Mapping[str, Mapping[Role, ProcedureSpec]] = {
        "backup": scenario.backup.procedures if scenario.backup else {},
        "restore": scenario.restore.procedures if scenario.restore else {},
    }
    for part, specs in parts.items():
        for role, spec in specs.items():
            steps = spec.options.get("steps")
            for number, step in enumerate(steps if isinstance(steps, list) else ()):
                yield from _unknown(step, source, stack, (part, role, "steps", number))


def _unknown(step: Mapping[str, object], source: Source, stack: Stack, key: Key) -> Iterator[Problem]:
    known = {"service": [service.name for service in stack.services], "volume": list(stack.volumes)}
    named = {name: (name, str(step[name])) for name in known if step.get(name)}
    # One side of a copy is VOLUME:PATH.
    named |= {name: ("volume", str(step[name]).partition(":")[0]) for name in _COPIES if ":" in str(step.get(name, ""))}
    for name, (what, value) in named.items():
        if value not in known[what]:
            yield source.problem((*key, name), f"unknown {what} {value!r}", ", ".join(known[what]))
