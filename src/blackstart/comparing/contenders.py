"""Who is compared: the scenario once for each procedure, and each manner of it, that can serve a damaged role."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from blackstart import registry
from blackstart.scenario import ProcedureSpec, Scenario
from blackstart.stack import STORES, Role

LONGEST_NAME = 60
EVERY = "10s"
"""Between two backups, where the scenario itself makes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One procedure for one role; all else is as the scenario has it."""

    role: Role
    spec: ProcedureSpec
    own: bool
    """Whether it is what the scenario itself says."""

    @property
    def name(self) -> str:
        """`pg-dump (format plain)`, for people."""
        said = ", ".join(f"{key} {_word(value)}" for key, value in self.spec.options.items())
        return self.spec.kind + (f" ({said})" if said else "")

    @property
    def slug(self) -> str:
        """The same in letters that can name a scenario."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    def scenario_name(self, scenario: Scenario) -> str:
        """What its scenario is called, and its file."""
        suffix = f"-{self.role}-by-{self.slug}"
        return scenario.name[: LONGEST_NAME - len(suffix)].strip("-") + suffix

    @property
    def makes_backups(self) -> bool:
        """Whether it restores from backups of its own."""
        return bool(registry.procedures()[self.spec.kind].FROM_BACKUP)  # type: ignore[attr-defined]

    def file(self, value: Mapping[str, Any], scenario: Scenario) -> str:
        """The text of its scenario's file, JSON, which is YAML too; `value` is what the scenario's own file holds."""
        restores = {role: _told(spec) for role, spec in _restores(scenario).items()}
        restores[self.role] = _told(self.spec)
        changed = {
            **value,
            "name": self.scenario_name(scenario),
            "title": f"{scenario.title}: {self.role} restored by {self.name}",
            "restore": restores,
        }
        backup = self._backup(value.get("backup") or {}, scenario)
        return json.dumps(changed | ({"backup": backup} if backup else {}), indent=1) + "\n"

    def _backup(self, said: Mapping[str, Any], scenario: Scenario) -> Mapping[str, Any]:
        """The schedule: the scenario's, with this procedure's backups of its role."""
        specs = dict(scenario.backup.procedures) if scenario.backup else {}
        if self.makes_backups:
            specs[self.role] = self.spec
        rest = {key: value for key, value in said.items() if key not in (*STORES, "procedure")}
        return {"every": EVERY, **rest, **{role: _told(spec) for role, spec in specs.items()}} if specs else {}


def contenders(scenario: Scenario, damaged: Sequence[Role]) -> Iterator[Contender]:
    """The scenario's own procedure for each damaged role first, then every other one that serves it.

    A procedure whose options nobody but the user knows is only there if the scenario itself has it.
    """
    for role in damaged:
        own = _restores(scenario)[role]
        yield Contender(role=role, spec=own, own=True)
        for name, kind in sorted(registry.procedures().items()):
            if role in kind.ROLES:  # type: ignore[attr-defined]
                for options in manners(kind):
                    if (name, whole(kind, options)) != (own.kind, whole(kind, own.options)):
                        yield Contender(role=role, spec=ProcedureSpec(kind=name, options=options), own=False)


def manners(kind: Any) -> list[Mapping[str, object]]:
    """As it is without options, and once for each other word of an option that is a choice among words."""
    fields = dataclasses.fields(kind)
    if any(f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING for f in fields):
        return []
    hints = get_type_hints(kind)
    words = [(f, word) for f in fields if get_origin(hints[f.name]) is Literal for word in get_args(hints[f.name])]
    return [{}, *({f.name: word} for f, word in words if word != f.default)]


def whole(kind: Any, options: Mapping[str, object]) -> Mapping[str, object]:
    """The options with the defaults of those that are not named."""
    defaults = {f.name: f.default for f in dataclasses.fields(kind) if f.default is not dataclasses.MISSING}
    return {**defaults, **options}


def _restores(scenario: Scenario) -> Mapping[Role, ProcedureSpec]:
    return scenario.restore.procedures if scenario.restore else {}


def _told(spec: ProcedureSpec) -> Mapping[str, object]:
    return {"kind": spec.kind, **spec.options}


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
