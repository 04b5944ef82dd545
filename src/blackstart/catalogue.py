"""The catalogue of faults: what each one is in real life, how it is done and witnessed, and where it can be done.

python -m blackstart.catalogue > docs/faults.md
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from blackstart import load, registry, validation
from blackstart.docstrings import capital, first_sentence, parameters, said, yaml
from blackstart.engines import select
from blackstart.engines.base import EngineKind
from blackstart.errors import InputRefused
from blackstart.families import FAMILIES, Family
from blackstart.faults.base import Heals, Injectable
from blackstart.scenario import Fault

INTRODUCTION = """\
# Faults

<!-- Written by `python -m blackstart.catalogue`, from the code and the scenarios; a test keeps it true. -->

A fault does what an accident does, and a witness apart from it shows that it did. Without a witness within ten seconds the run is inconclusive: what was not harmed has not been recovered either. The keys that all faults share (`kind`, `id`, `after`, `during`, `for`, `within`, `expect`) are in [the contract](contract.md#scenario-files). A fault that damages a role needs a procedure for that role under `restore`. How to build another one: [adding a fault](adding-a-fault.md).

What an engine cannot do, the plan refuses with the reason before anything starts.
"""  # noqa: E501 -- a paragraph of Markdown is a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fault."""

    name: str
    family: Family
    in_real_life: str
    how: str
    needs: str
    witnessed: str
    healed: str
    """How its harm is taken back; empty: the recovery undoes it by restoring."""
    parameters: Mapping[str, str]
    """Key to what it may be."""
    engines: Mapping[str, str | None]
    """Engine to why it cannot do this; None: it can, in some way."""
    partly: Sequence[tuple[str, str, str]]
    """Scenario, engine and reason, where an engine can do this, but not as that scenario has it."""
    scenarios: tuple[str, ...]
    example: str
    """As the first of its scenarios has it, but for the moment."""


def entries(*, here: bool = False) -> list[Entry]:
    """All faults, family by family; `here`: with what this machine keeps its engines from doing."""
    used = _used()
    found = [_entry(name, kind, used.get(name, []), here) for name, kind in registry.faults().items()]
    order = list(FAMILIES)
    return sorted(found, key=lambda entry: (order.index(entry.family), entry.name))


def table() -> Iterator[str]:
    """Fault × engine, then the reasons for the gaps; of an engine that is not here, what it can do elsewhere."""
    all_of_them = entries(here=True)
    engines = list(select.kinds())
    width = max(len(entry.name) for entry in all_of_them)
    yield f"{'':<{width}}  {'  '.join(engines)}"
    for entry in all_of_them:
        marks = "  ".join(f"{'yes' if entry.engines[name] is None else 'no':<{len(name)}}" for name in engines)
        yield f"{entry.name:<{width}}  {marks}  {entry.in_real_life}"
    gaps = [(e.name, engine, reason) for e in all_of_them for engine, reason in e.engines.items() if reason]
    gaps += [(f"{e.name} as {name} has it", engine, why) for e in all_of_them for name, engine, why in e.partly]
    if gaps:
        yield ""
    for fault, engine, reason in gaps:
        yield f"{fault:<{width}}  not on {engine}: {reason}"
    for engine, of in select.kinds().items():
        missing = of.missing()
        if missing is not None:
            yield f"{engine} is not here ({missing.splitlines()[0]}); its column shows what it can do where it is"


def page() -> str:
    """The text of docs/faults.md."""
    parts = [INTRODUCTION, *_matrix(), ""]
    family = ""
    for entry in entries():
        if entry.family != family:
            family = entry.family
            parts.append(f"# {FAMILIES[entry.family]}\n")
        parts.append("\n".join(_paragraph(entry)))
    return "\n".join(parts)


def _matrix() -> Iterator[str]:
    engines = list(select.kinds())
    yield f"| fault | {' | '.join(engines)} | scenarios |"
    yield f"|---|{'---|' * len(engines)}---|"
    for entry in entries():
        marks = " | ".join("yes" if entry.engines[name] is None else "–" for name in engines)
        scenarios = ", ".join(f"`{name}`" for name in entry.scenarios)
        yield f"| [{entry.name}](#{entry.name}) | {marks} | {scenarios} |"


def _paragraph(entry: Entry) -> Iterator[str]:
    yield f"## {entry.name}\n"
    yield f"`{entry.example}`\n"
    yield f"{capital(entry.in_real_life)}\n"
    yield f"{entry.how}\n"
    keys = "; ".join(f"`{key}`: {what}" for key, what in entry.parameters.items())
    yield f"- **Parameters**: {keys or 'none'}."
    yield f"- **Needs**: {entry.needs}"
    yield f"- **Witness**: {entry.witnessed}"
    yield f"- **Taken back**: {entry.healed or 'by the recovery, which restores what it did.'}"
    for engine, reason in entry.engines.items():
        if reason:
            yield f"- **Not on `{engine}`**: {reason}."
    for scenario, engine, reason in entry.partly:
        yield f"- **Not on `{engine}`, as `{scenario}` has it**: {reason}."
    yield f"- **Scenarios**: {', '.join(f'`{name}`' for name in entry.scenarios)}\n"


def _entry(name: str, kind: type, used: list[tuple[str, Fault]], here: bool) -> Entry:
    shared = {field.name for field in dataclasses.fields(Fault)}
    engines = {engine: _refused(of, [fault for _, fault in used], here) for engine, of in select.kinds().items()}
    reasons = [(name, engine, _refused(of, [f], here)) for name, f in used for engine, of in select.kinds().items()]
    return Entry(
        name=name,
        family=kind.FAMILY,  # type: ignore[attr-defined]
        in_real_life=first_sentence(kind),
        how=said(kind),
        needs=said(kind.needs),  # type: ignore[attr-defined]
        witnessed=said(kind.witness),  # type: ignore[attr-defined]
        healed=said(kind.heal) if issubclass(kind, Heals) else "",
        parameters=parameters(kind, without=shared),
        engines=engines,
        partly=[(name, engine, reason) for name, engine, reason in reasons if reason and engines[engine] is None],
        scenarios=tuple(scenario for scenario, _ in used),
        example=_example(used[0][1], [f for f in dataclasses.fields(kind) if f.name not in shared]) if used else "",
    )


def _refused(engine: EngineKind, faults: Sequence[Fault], here: bool) -> str | None:
    """Why an engine can do none of these; None if it can do one, in some way."""
    reason = engine.refuses if here and engine.missing() is None else engine.lacks
    reasons = [reason(cast("Injectable", fault).needs) for fault in faults] or ["no scenario shows it"]
    return None if None in reasons else reasons[0]


def _used() -> dict[str, list[tuple[str, Fault]]]:
    """Each fault in the scenarios that ship, the simplest scenario first."""
    found: dict[str, list[tuple[str, Fault]]] = {}
    files = [file for place in load.shipped("scenarios") for file in sorted(place.glob("*.yaml"))]
    for file in files:
        try:
            scenario, _ = load.scenario(file)
        except InputRefused:
            continue  # whoever validates it says why
        for fault in scenario.faults:
            found.setdefault(fault.kind, []).append((file.stem, fault))
    return found


def _example(fault: Fault, fields: list[dataclasses.Field[Any]]) -> str:
    values = [f"{validation.key_of(field.name)}: {yaml(field, getattr(fault, field.name))}" for field in fields]
    return f"{{{', '.join([f'kind: {fault.kind}', *values])}}}"


if __name__ == "__main__":
    sys.stdout.write(page())
