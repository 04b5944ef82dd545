"""YAML files into the core's types; every problem of a file in one go, each with line and key."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blackstart import registry, yaml_source
from blackstart.errors import InputRefused, Problem, Refused
from blackstart.plan import Plan
from blackstart.scenario import FINDING_LAYERS, LEAST_REASON, NEVER_LEFT_OUT, Fault, ProcedureSpec, Scenario
from blackstart.stack import STORES, Role
from blackstart.units import SECONDS
from blackstart.validation import adapter, close_to, validated
from blackstart.yaml_source import Key, Source, shown

_SHORT_BACKUP: Mapping[Role, str] = {"database": "pg-dump", "uploads": "uploads-archive", "cache": "redis-rdb"}


def find(name: str, folder: str, *, here: Path) -> Path:
    """The file that `name` means: a path, or a name in ./`folder` or among those that ship."""
    found = look_up(name, folder, here=here)
    if found is not None:
        return found
    if is_path(name):
        raise Refused(f"{name}: no such file", hint=f"blackstart list {folder} shows what has a name")
    known = names(folder, here=here)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known) or 'none'}"
    raise Refused(f"{name}: no such {folder.rstrip('s')}", hint=hint)


def look_up(name: str, folder: str, *, here: Path) -> Path | None:
    """As `find`, but None if there is no such file."""
    if is_path(name) or is_file(here / name):
        return here / name if is_file(here / name) else None
    places = (here / folder, *shipped(folder))
    return next((place / f"{name}.yaml" for place in places if is_file(place / f"{name}.yaml")), None)


def is_path(name: str) -> bool:
    """Whether a word can only mean a path."""
    return Path(name).suffix in {".yaml", ".yml"}


def names(folder: str, *, here: Path) -> list[str]:
    """Every name of a file in ./`folder` or among those that ship; in a folder below, with that ahead."""
    places = (here / folder, *shipped(folder))
    files = ((place, file) for place in places if place.is_dir() for file in place.rglob("*.yaml"))
    return sorted({file.relative_to(place).with_suffix("").as_posix() for place, file in files})


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have (too long, say) is none's."""
    try:
        return path.is_file()
    except OSError:
        return False


def shipped(folder: str) -> list[Path]:
    """Where the files that ship with Blackstart are: in the wheel, or beside src in a checkout."""
    package = Path(__file__).parent
    return [place for place in (package / folder, package.parent.parent / folder) if place.is_dir()][:1]


def scenario(path: Path) -> tuple[Scenario, Source]:
    """The scenario in a file, and the file itself for whoever finds more problems in it."""
    source = yaml_source.read(path)
    if not isinstance(source.value, dict):
        raise InputRefused([source.problem((), "is no mapping", "keys such as name, title, faults, restore")])
    problems: list[Problem] = []
    value = dict(source.value)
    faults = _faults(source, value.pop("faults", []), problems)
    for key in ("backup", "restore"):
        if isinstance(value.get(key), dict):
            value[key] = _procedures(source, key, value[key], problems)
    result = validated(Scenario, value, source, (), problems)
    if isinstance(result, Scenario):
        problems += _exclusions(source, result.verify.exclude)
    if problems:
        problems.sort(key=lambda p: p.line)
        raise InputRefused(problems, hint="blackstart validate FILE checks a file without running it")
    assert isinstance(result, Scenario)
    return dataclasses.replace(result, faults=faults), source


def plan(text: str) -> Plan:
    """The plan in a plan.json that we wrote, its faults of their own classes again."""
    value = json.loads(text)
    faults = value["scenario"].pop("faults")
    kinds = registry.faults()
    read = adapter(Plan).validate_python(value, context=SECONDS)
    again = tuple(adapter(kinds[f["kind"]]).validate_python(f, context=SECONDS, by_name=True) for f in faults)
    assert isinstance(read, Plan)
    return dataclasses.replace(read, scenario=dataclasses.replace(read.scenario, faults=again))


def _faults(source: Source, items: object, problems: list[Problem]) -> tuple[Fault, ...]:
    if not isinstance(items, list):
        problems.append(source.problem(("faults",), "is no list", "a list of faults, each with its kind"))
        return ()
    kinds = registry.faults()
    result = []
    for index, item in enumerate(items):
        key: Key = ("faults", index)
        kind = item.get("kind") if isinstance(item, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            what = f"unknown fault {shown(kind)}" if kind is not None else "has no kind"
            problems.append(source.problem((*key, "kind"), what + close_to(kind, list(kinds)), ", ".join(kinds)))
            continue
        fault = validated(kinds[kind], item, source, key, problems)
        if fault is not None:
            result.append(fault)
            problems += _endings(source, key, fault)
    return tuple(result)


def _endings(source: Source, key: Key, fault: Fault) -> Iterator[Problem]:
    """What is wrong with how a fault is to end: nobody can heal it, or no such check can find it."""
    from blackstart.faults.base import Heals, Names

    if fault.for_ is not None and not isinstance(fault, Heals):
        healed = [name for name, kind in registry.faults().items() if issubclass(kind, Heals)]
        what = f"{fault.kind} does not end by itself"
        yield source.problem((*key, "for"), what, f"no such key, or one of {', '.join(healed)}")
    if fault.expect is None:
        return
    able = [name for name, check in registry.checks().items() if check.LAYER in FINDING_LAYERS]  # type: ignore[attr-defined]
    name = fault.expect.detected_by
    if name not in able:
        what = f"{shown(name)} is no check that could find it{close_to(name, able)}"
        yield source.problem((*key, "expect", "detected_by"), what, ", ".join(able))
    elif not isinstance(fault, Names):
        named = [kind for kind, of in registry.faults().items() if issubclass(of, Names)]
        what = f"{fault.kind} is not silent: nothing says what would have to be named"
        yield source.problem((*key, "expect"), what, f"no such key, or one of {', '.join(named)}")


def _exclusions(source: Source, exclude: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the checks that a scenario leaves out, or with its reasons."""
    able = [name for name in registry.checks() if name not in NEVER_LEFT_OUT]
    for name, reason in exclude.items():
        key: Key = ("verify", "exclude", name)
        if name in NEVER_LEFT_OUT:
            yield source.problem(key, f"{name} cannot be left out", ", ".join(able))
        elif name not in able:
            yield source.problem(key, f"unknown check {shown(name)}{close_to(name, able)}", ", ".join(able))
        elif len(reason.strip()) < LEAST_REASON:
            what = f"{shown(reason)} is no reason"
            yield source.problem(key, what, f"why it is left out, in {LEAST_REASON} characters or more")


def _procedures(source: Source, key: str, value: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """`procedure: X` (short) or a procedure for each role, gathered under `procedures`."""
    rest, before = dict(value), len(problems)
    if "procedures" in rest:
        problems.append(source.problem((key, "procedures"), "unknown key", f"procedure, {', '.join(STORES)}"))
        del rest["procedures"]
    chosen: dict[str, ProcedureSpec] = {}
    for role in (*STORES, "procedure"):
        if role in rest:
            spec = _procedure(source, (key, role), rest.pop(role), problems)
            if spec is not None:
                chosen[role] = spec
    short = chosen.pop("procedure", None)
    if short is not None:
        if chosen:
            what = "stands beside procedures for single roles"
            problems.append(source.problem((key, "procedure"), what, "either procedure, or one for each role"))
        kind = registry.procedures()[short.kind]
        for role in getattr(kind, "ROLES", ()):
            chosen[role] = short
        if key == "backup":
            chosen |= {role: ProcedureSpec(kind=name) for role, name in _SHORT_BACKUP.items() if role not in chosen}
    elif not chosen and len(problems) == before:
        problems.append(source.problem((key,), "names no procedure", f"procedure, or some of {', '.join(STORES)}"))
    return {**rest, "procedures": chosen}


def _procedure(source: Source, key: Key, value: object, problems: list[Problem]) -> ProcedureSpec | None:
    kinds = registry.procedures()
    spec = {"kind": value} if isinstance(value, str) else value
    kind = spec.get("kind") if isinstance(spec, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        what = f"unknown procedure {shown(kind)}" if kind is not None else "names no procedure"
        able = [name for name, cls in kinds.items() if key[0] != "backup" or cls.FROM_BACKUP]  # type: ignore[attr-defined]
        problems.append(source.problem(key, what + close_to(kind, able), ", ".join(able)))
        return None
    role = key[-1]
    roles: tuple[str, ...] = kinds[kind].ROLES  # type: ignore[attr-defined]
    if role != "procedure" and role not in roles:
        fitting = ", ".join(name for name, cls in kinds.items() if role in cls.ROLES)  # type: ignore[attr-defined]
        problems.append(source.problem(key, f"{kind} does not serve the role {role}", fitting))
        return None
    if key[0] == "backup" and not kinds[kind].FROM_BACKUP:  # type: ignore[attr-defined]
        fitting = ", ".join(name for name, cls in kinds.items() if cls.FROM_BACKUP)  # type: ignore[attr-defined]
        problems.append(source.problem(key, f"{kind} makes no backups", fitting))
        return None
    assert isinstance(spec, dict)
    options = {name: option for name, option in spec.items() if name != "kind"}
    made = validated(kinds[kind], options, source, key, problems)
    if made is None:
        return None
    if hasattr(made, "problems"):  # what no type can say of its options
        problems += made.problems(source, key)
    return ProcedureSpec(kind=kind, options=options)
