"""Sizes of a shop by name, `medium` or `3xmedium`, and the scenario's file for each."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from blackstart.errors import Refused
from blackstart.plan import is_name
from blackstart.scenario import CountName, Scenario
from blackstart.seeding.scale import SCALES

ALLOWED = f"{', '.join(SCALES)}, or so many times one of them: 3xmedium"
LONGEST_NAME = 60
_SIZE = re.compile(r"(?:(\d+(?:\.\d+)?)x)?(\w+)")
PATIENCE = "6h"
"""An objective that is never missed, and a moment that may be long in coming: only the durations count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSize:
    """A scale, so many times."""

    name: str
    scale: str
    times: float

    def scenario_name(self, scenario: Scenario) -> str:
        """What its scenario is called, and its file."""
        suffix = f"-at-{self.name.replace('.', '-')}"
        return scenario.name[: LONGEST_NAME - len(suffix)].strip("-") + suffix

    def file(self, value: Mapping[str, Any], scenario: Scenario) -> str:
        """The text of its scenario's file, JSON, which is YAML too; `value` is what the scenario's own file holds."""
        scale = dataclasses.asdict(SCALES[self.scale])
        counts = {name: max(1, round(scale[name] * self.times)) for name in get_args(CountName)}
        seed = {key: kept for key, kept in (value.get("seed") or {}).items() if key == "locale"}
        changed = {
            **value,
            "name": self.scenario_name(scenario),
            "title": f"{scenario.title}, at the size {self.name}",
            "seed": {**seed, "scale": self.scale, **({"counts": counts} if self.times != 1 else {})},
            "faults": [{**fault, "within": PATIENCE} for fault in value["faults"]],
            "objectives": {"rto": PATIENCE, "rpo": PATIENCE},
        }
        return json.dumps(changed, indent=1) + "\n"


def read(text: str) -> list[ShopSize]:
    """The sizes in `small,medium,3xmedium`; Refused if one is none, or fewer than two differ."""
    found = [_read(word.strip()) for word in text.split(",")]
    if len({(size.scale, size.times) for size in found}) < 2 or len(set(found)) < len(found):
        raise Refused(f"--sizes {text}: a line takes two sizes or more, each once", hint=f"allowed: {ALLOWED}")
    return found


def _read(word: str) -> ShopSize:
    match = _SIZE.fullmatch(word)
    times = float(match[1] or 1) if match else 0.0
    if match is None or match[2] not in SCALES or not 0.01 <= times <= 1000 or not is_name(word.replace(".", "-")):
        raise Refused(f"--sizes: {word!r} is no size", hint=f"allowed: {ALLOWED}")
    return ShopSize(name=word, scale=match[2], times=times)
