"""A plan: a scenario with every name resolved and every choice made, before anything starts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blackstart import runbook_names
from blackstart.errors import InputRefused, Problem
from blackstart.evidence import Stage
from blackstart.scenario import BackupSpec, Fault, Scenario
from blackstart.stack import EXPLAINED, STORES, Role, Stack
from blackstart.yaml_source import Source

MIN_DEADLINE_S = 300.0
NAME_ALLOWED = "lower-case letters, digits and hyphens, at most 60"
LATEST_PHASE = 0.9
"""Later in a backup cycle a fault would race with the next backup's completion; `during: backup` is for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run will do. Its JSON is written, and its hash journalled, before anything starts."""

    run_id: str
    project: str
    """Prefix of the names of all that the run creates."""
    engine: str
    scenario: Scenario
    scenario_file: str
    scenario_sha256: str
    stack: Stack
    seed: int
    ports: Mapping[str, int]
    """Service name to the loopback port at which it is published."""
    damaged: tuple[Role, ...]
    """The roles that the faults damage."""
    cycle_phases: tuple[float | None, ...]
    """For each fault, how far into the interval between two backups it fires; None: it waits for no such phase."""
    restores: Mapping[Role, str]
    """Each damaged role's procedure, by kind."""
    deadline_s: float
    """How long the recovery may take, from T0, before it counts as not recovered."""
    checks: Mapping[Stage, tuple[str, ...]]
    """What must be checked at each stage that the run has; without all of it nothing is proven."""
    window_s: float
    """W: so long must customers keep their rhythm to be back, and before a fault to have one."""
    keep: bool
    versions: Mapping[str, str]

    def to_json(self) -> str:
        """The text of plan.json."""
        return json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True, default=str) + "\n"

    @property
    def backup(self) -> BackupSpec | None:
        """The scenario's backup schedule."""
        return self.scenario.backup


def sha256(text: str) -> str:
    """Hex digest of a text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def run_id(scenario: Scenario, began: datetime, nonce: str) -> str:
    """`YYYYMMDDTHHMMSSZ-<scenario>-<6 hex>`."""
    return f"{began:%Y%m%dT%H%M%SZ}-{scenario.name}-{nonce}"


def project(nonce: str) -> str:
    """The prefix of a run's containers, volumes and networks."""
    return f"blackstart-{nonce}"


def resolve(
    scenario: Scenario,
    source: Source,
    stack: Stack,
    *,
    nonce: str,
    began: datetime,
    engine: str,
    seed: int,
    ports: Mapping[str, int],
    checks: Mapping[Stage, tuple[str, ...]],
    keep: bool,
    versions: Mapping[str, str],
    window_s: float,
    refusals: Sequence[str | None],
) -> Plan:
    """The plan, or InputRefused with all that the stack, the engine or the scenario itself forbids.

    `refusals` has, for each fault, why the engine cannot inject it, or None.
    """
    damaged = require_sound(scenario, source, stack, refusals=refusals)
    restore = scenario.restore.procedures if scenario.restore else {}
    return Plan(
        run_id=run_id(scenario, began, nonce),
        project=project(nonce),
        engine=engine,
        scenario=scenario,
        scenario_file=source.file.rpartition("/")[2],
        scenario_sha256=sha256(json.dumps(source.value, sort_keys=True, default=str)),
        stack=_without_environment(stack),
        seed=seed,
        ports=ports,
        damaged=damaged,
        cycle_phases=tuple(_cycle_phase(fault, seed, number) for number, fault in enumerate(scenario.faults)),
        restores={role: restore[role].kind for role in damaged},
        deadline_s=max(MIN_DEADLINE_S, 3 * (scenario.objectives.rto or 0), 60 + 3 * window_s),
        window_s=window_s,
        checks={stage: names for stage, names in checks.items() if scenario.faults or stage in ("gate", "final")},
        keep=keep,
        versions=versions,
    )


def _without_environment(stack: Stack) -> Stack:
    """The file's defaults are not what runs: engines read it again with the run's own variables."""
    services = tuple(dataclasses.replace(service, environment={}) for service in stack.services)
    return dataclasses.replace(stack, services=services)


def require_sound(
    scenario: Scenario, source: Source, stack: Stack, *, refusals: Sequence[str | None]
) -> tuple[Role, ...]:
    """The roles that are damaged; InputRefused if names, faults and recovery do not fit together."""
    damaged = damaged_roles(scenario, stack)
    problems = [
        *_name_problems(scenario, source),
        *_table_problems(source, stack),
        *_variable_problems(scenario, source, stack),
        *_fault_problems(scenario, source, stack, refusals),
        *_recovery_problems(scenario, source, damaged),
        *runbook_names.problems(scenario, source, stack),
    ]
    if problems:
        raise InputRefused(sorted(problems, key=lambda p: p.line))
    return damaged


def damaged_roles(scenario: Scenario, stack: Stack) -> tuple[Role, ...]:
    """The data-holding roles that the scenario's faults strike, in backup order."""
    struck = {role for fault in scenario.faults for role in fault.strikes(stack)}
    return tuple(role for role in STORES if role in struck)


def _cycle_phase(fault: Fault, seed: int, number: int) -> float | None:
    """A part of the backup interval, drawn from the seed, unless the fault names its moment itself."""
    since = fault.after.since_backup
    waits = (fault.after.backups or since) and fault.during is None and not (since and since.elapsed)
    return random.Random(f"{seed}/cycle-phase/{number}").uniform(0, LATEST_PHASE) if waits else None


def is_name(text: str) -> bool:
    """Whether a text can name a scenario or a drill, whose runs and folders are called after it."""
    return 0 < len(text) <= 60 and set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def _name_problems(scenario: Scenario, source: Source) -> list[Problem]:
    what = f"{scenario.name!r} cannot name a run"
    return [] if is_name(scenario.name) else [source.problem(("name",), what, NAME_ALLOWED)]


def _table_problems(source: Source, stack: Stack) -> list[Problem]:
    """Tables that the content checks leave to the ledger, and whose rows the ledger could not explain."""
    return [
        source.problem(
            ("stack",),
            f"{stack.name} lets customers change {table} ({change}), and nothing could tell right rows from wrong ones",
            "fixed, or a kind that is known: " + ", ".join(f"{name} {kind}" for name, kind in EXPLAINED.items()),
        )
        for table, change in stack.tables.items()
        if change not in ("fixed", EXPLAINED.get(table))
    ]


def _variable_problems(scenario: Scenario, source: Source, stack: Stack) -> Iterator[Problem]:
    """Variables that the stack lets nobody set."""
    for name in scenario.variables.keys() - stack.variables.keys():
        what = f"unknown variable {name!r} of the stack {stack.name}"
        yield source.problem(("variables", name), what, ", ".join(stack.variables) or "no variables")


def _fault_problems(scenario: Scenario, source: Source, stack: Stack, refusals: Sequence[str | None]) -> list[Problem]:
    problems = []
    services = [s.name for s in stack.services]
    for index, fault in enumerate(scenario.faults):
        targets = {"service": services, "volume": list(stack.volumes)}
        for field, known in targets.items():
            target = getattr(fault, field, None)
            if target is not None and target not in known:
                problems.append(
                    source.problem(("faults", index, field), f"unknown {field} {target!r}", ", ".join(known))
                )
        problems += _group_problems(fault, source, index, services)
        waits_for_backup = fault.after.backups or fault.after.since_backup
        if waits_for_backup and scenario.backup is None:
            problems.append(
                source.problem(("faults", index, "after"), "waits for a backup, and there is none", "a backup schedule")
            )
        saved = scenario.backup.procedures if scenario.backup else {}
        struck = fault.strikes(stack)
        if fault.during and struck and not any(role in saved for role in struck):
            what = f"waits for a backup of what {fault.kind} strikes, and there is none"
            problems.append(source.problem(("faults", index, "during"), what, "a backup of a role that it damages"))
        problems += _moment_problems(scenario, source, index)
        reason = refusals[index] if index < len(refusals) else None
        if reason:
            problems.append(source.problem(("faults", index), reason))
    return problems


def _group_problems(fault: Fault, source: Source, index: int, services: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the services that a fault strikes together."""
    group = getattr(fault, "services", None)
    if group == ():
        yield source.problem(("faults", index, "services"), "names no service", ", ".join(services))
    for number, service in enumerate(group or ()):
        if service not in services:
            what = f"unknown service {service!r}"
            yield source.problem(("faults", index, "services", number), what, ", ".join(services))


def _moment_problems(scenario: Scenario, source: Source, index: int) -> Iterator[Problem]:
    """What cannot come about: a fault after one that is no earlier one, or within a recovery that nobody makes."""
    fault, before = scenario.faults[index], scenario.faults[:index]
    ids = [each.id for each in before if each.id]
    if fault.id and fault.id in ids:
        yield source.problem(("faults", index, "id"), f"{fault.id!r} names an earlier fault too", "an id of its own")
    if fault.after.fault and fault.after.fault not in ids:
        what = f"no earlier fault has the id {fault.after.fault!r}"
        yield source.problem(("faults", index, "after", "fault"), what, ", ".join(ids) or "the id of an earlier fault")
    if fault.during in ("restore", "verify") and not any(each.during not in ("restore", "verify") for each in before):
        what = "strikes a recovery, and no fault before it makes one necessary"
        yield source.problem(("faults", index, "during"), what, "an earlier fault that strikes before the recovery")


def _recovery_problems(scenario: Scenario, source: Source, damaged: tuple[Role, ...]) -> list[Problem]:
    if not scenario.faults:
        what = "there is nothing to restore without a fault"
        return [source.problem(("restore",), what, "no restore, or some faults")] if scenario.restore else []
    if scenario.restore is None and damaged:
        return [source.problem(("restore",), "is missing", "a procedure: restart and none are among them")]
    problems = []
    saved = scenario.backup.procedures if scenario.backup else {}
    chosen = scenario.restore.procedures if scenario.restore else {}
    for role in damaged:
        spec = chosen.get(role)
        here = ("restore", role if ("restore", role) in source.lines else "procedure")
        if spec is None:
            what = f"has no procedure for {role}, which the faults damage"
            problems.append(source.problem(("restore",), what, f"a procedure for {role} too"))
        elif spec.kind not in ("restart", "none") and (role not in saved or saved[role].kind != spec.kind):
            have = f"its backup is by {saved[role].kind}" if role in saved else "nothing backs it up"
            what = f"restores {role} by {spec.kind}, but {have}"
            problems.append(source.problem(here, what, "what the backup is by, restart or none"))
    return problems
