"""From a name on the command line to a plan: everything is resolved or refused before anything starts."""

from __future__ import annotations

import difflib
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import cast

from blackstart import __version__, lever, load, plan, ports, registry, stacks
from blackstart.activities.rounds import ROUND
from blackstart.clock import Clock
from blackstart.engines import select
from blackstart.engines.base import EngineKind
from blackstart.errors import InputRefused, Refused
from blackstart.evidence import Stage
from blackstart.faults.base import Injectable
from blackstart.plan import Plan
from blackstart.scenario import Production, ScaleName, Scenario, SeedSpec
from blackstart.stack import Stack
from blackstart.timeline import IN_A_WINDOW, MIN_WINDOW_S
from blackstart.yaml_source import Source, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line may say about a run."""

    engine: str = "auto"
    scale: str | None = None
    seed: int | None = None
    keep: bool = False
    production: Production | None = None
    """For scenarios that do not say themselves what they stand for."""
    lane: int = 0
    lanes: int = 1
    """Runs side by side take ports from lanes of their own, so that no two pick the same one."""


def plan_run(name: str, options: Options, clock: Clock) -> tuple[Plan, EngineKind]:
    """The plan for a scenario by name or path, and the engine that will carry it out."""
    lever.require_free()
    scenario, source = load.scenario(load.find(name, "scenarios", here=Path.cwd()))
    scenario = _overridden(scenario, options)
    _require_stack(scenario, source)
    _require_locale(scenario, source)
    kind = select.select(options.engine)
    stack = kind.read_stack(stacks.folder(scenario.stack) / "compose.yaml")
    seed = options.seed if options.seed is not None else secrets.randbelow(2**31)
    made = plan.resolve(
        scenario,
        source,
        stack,
        nonce=secrets.token_hex(3),
        began=clock.began,
        engine=kind.NAME,
        seed=seed,
        ports=ports.choose(_listening(scenario, stack), lane=options.lane, lanes=options.lanes),
        checks=_checks(),
        window_s=_window(scenario),
        keep=options.keep,
        versions=_versions(kind),
        refusals=[kind.refuses(cast("Injectable", fault).needs) for fault in scenario.faults],
    )
    return made, kind


def plan_again(name: str, options: Options, clock: Clock, *, scenario_sha256: str) -> tuple[Plan, EngineKind]:
    """The plan for a run that starts only now: its name and its ports are those of its start.

    Refused if the scenario is not the one that was planned before anything started.
    """
    made, kind = plan_run(name, options, clock)
    if made.scenario_sha256 != scenario_sha256:
        raise Refused(f"{made.scenario_file} was changed after it had been planned", hint="run it again")
    return made, kind


def check_file(path: Path) -> Scenario:
    """A scenario file, validated as far as it can be on any machine: its stack is read, nothing starts."""
    from blackstart.engines.embedded.reader import read_stack

    scenario, source = load.scenario(path)
    _require_stack(scenario, source)
    _require_locale(scenario, source)
    stack = read_stack(stacks.folder(scenario.stack) / "compose.yaml")
    plan.require_sound(scenario, source, stack, refusals=())
    return scenario


def _require_stack(scenario: Scenario, source: Source) -> None:
    if scenario.stack not in stacks.names():
        what, allowed = f"unknown stack {scenario.stack!r}", ", ".join(stacks.names())
        raise InputRefused([source.problem(("stack",), what, allowed)])


def _require_locale(scenario: Scenario, source: Source) -> None:
    locale = scenario.seed.locale
    if locale == SeedSpec().locale:
        return  # without asking Faker, which takes long to import
    from blackstart.seeding.vocabulary import locales

    known = locales()
    if locale not in known:
        close = difflib.get_close_matches(locale, known, n=3, cutoff=0.7)
        what = f"unknown locale {shown(locale)}" + (f" (did you mean {' or '.join(close)}?)" if close else "")
        raise InputRefused([source.problem(("seed", "locale"), what, "Faker's locales, such as de_DE, en_GB, ja_JP")])


def _overridden(scenario: Scenario, options: Options) -> Scenario:
    seed = scenario.seed if options.scale is None else replace(scenario.seed, scale=cast("ScaleName", options.scale))
    return replace(scenario, seed=seed, production=scenario.production or options.production)


def _window(scenario: Scenario) -> float:
    """Long enough for some operations of the rarest class that customers perform."""
    rarest = min(ROUND.count(kind) for kind in ROUND) / len(ROUND)
    return max(MIN_WINDOW_S, IN_A_WINDOW / (scenario.workload.operations_per_second * rarest))


def _listening(scenario: Scenario, stack: Stack) -> list[str]:
    """The names of all services that will need a port: the stack's, and those that faults start beside them."""
    added = (name for fault in scenario.faults for name in fault.adds(stack))
    return list(dict.fromkeys([*(s.name for s in stack.services), *added]))


def _checks() -> dict[Stage, tuple[str, ...]]:
    """The names of the checks of each stage."""
    stages: dict[Stage, tuple[str, ...]] = {}
    for name, check in registry.checks().items():
        for stage in check.STAGES:  # type: ignore[attr-defined]
            stages[stage] = (*stages.get(stage, ()), name)
    return stages


def _versions(kind: EngineKind) -> Mapping[str, str]:
    packages = ("faker", "numpy", "pillow", "psycopg", "redis")
    return {
        "blackstart": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: version(name) for name in packages},
        **kind.describe(),
    }
