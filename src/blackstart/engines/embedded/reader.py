"""A compose file read without Docker: strictly, since a key that is not understood is not obeyed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blackstart import yaml_source
from blackstart.errors import InputRefused, Problem
from blackstart.stack import Invariant, Stack
from blackstart.stacks import stack_of
from blackstart.validation import validated
from blackstart.yaml_source import Key, Source, shown

USED = {
    "": {"name", "services", "volumes", "x-blackstart"},
    "service": {"image", "environment", "ports", "volumes", "depends_on", "profiles"},
}
MEANINGLESS = {"build", "command", "healthcheck", "pull_policy", "restart", "shm_size", "stop_grace_period"}
"""Keys of a service that say nothing about a plain process: its program is x-blackstart's to name."""

_VARIABLE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})")


def read_stack(path: Path, variables: Mapping[str, str] | None = None) -> Stack:
    """The stack in a compose file, variables replaced from `variables` or by their defaults."""
    source = yaml_source.read(path)
    reader = _Reader(source, variables or {})
    document = reader.document()
    if reader.problems:
        raise InputRefused(reader.problems, hint="the embedded engine reads a small part of the compose format")
    return stack_of(document)


class _Reader:
    def __init__(self, source: Source, variables: Mapping[str, str]) -> None:
        self.source = source
        self.variables = variables
        self.problems: list[Problem] = []

    def document(self) -> dict[str, Any]:
        """The document with the short forms spelled out, as `docker compose config` does."""
        value = self.source.value
        self._only((), value, USED[""])
        services = {}
        for name, service in value["services"].items():
            self._only(("services", name), service, USED["service"] | MEANINGLESS)
            if not service.get("profiles"):
                services[name] = self._service(("services", name), service)
        for name, volume in value["volumes"].items():
            self._only(("volumes", name), volume or {}, set())
        self._invariants(value["x-blackstart"].get("invariants", {}))
        return {**value, "services": services}

    def _service(self, key: Key, service: Mapping[str, Any]) -> dict[str, Any]:
        ports = [self._port((*key, "ports", i), str(p)) for i, p in enumerate(service.get("ports", ()))]
        volumes = [self._mount((*key, "volumes", i), str(v)) for i, v in enumerate(service.get("volumes", ()))]
        return {
            "image": self._text((*key, "image"), service["image"]),
            "environment": {
                name: self._text((*key, "environment", name), str(text))
                for name, text in (service.get("environment") or {}).items()
            },
            "ports": ports,
            "volumes": volumes,
            "depends_on": dict.fromkeys(service.get("depends_on") or ()),
        }

    def _invariants(self, value: Any) -> None:
        """Each has its query and its reason; a `$`, which Compose would replace, is not read."""
        here: Key = ("x-blackstart", "invariants")
        if not isinstance(value, dict):
            self.problems.append(self.source.problem(here, "is no mapping", "names, each with sql and why"))
            return
        for name, invariant in value.items():
            read = validated(Invariant, invariant, self.source, (*here, name), self.problems)
            for field, text in dataclasses.asdict(read).items() if read else ():
                if not text.strip() or "$" in text:
                    what = f"{shown(text)} is not read"
                    self.problems.append(self.source.problem((*here, name, field), what, "text without a $"))

    def _port(self, key: Key, text: str) -> dict[str, str]:
        parts = self._text(key, text).rsplit(":", 2)
        if len(parts) != 3 or parts[0] != "127.0.0.1":
            self.problems.append(self.source.problem(key, f"{text!r} is not read", "127.0.0.1:PUBLISHED:TARGET"))
        return {"target": parts[-1]}

    def _mount(self, key: Key, text: str) -> dict[str, str]:
        volume, _, target = text.partition(":")
        if volume not in self.source.value["volumes"] or not target.startswith("/") or ":" in target:
            self.problems.append(self.source.problem(key, f"{text!r} is not read", "NAMED-VOLUME:/path"))
        return {"source": volume, "target": target}

    def _text(self, key: Key, text: str) -> str:
        left = _VARIABLE.sub("", text)
        if "$" in left:
            self.problems.append(self.source.problem(key, f"{text!r} is not read", "${NAME}, ${NAME:-default} or $$"))

        def value(match: re.Match[str]) -> str:
            name, default = match.groups()
            return "$" if name is None else self.variables.get(name) or default or ""

        return _VARIABLE.sub(value, text)

    def _only(self, key: Key, value: Mapping[str, Any], known: set[str]) -> None:
        for name in value:
            if name not in known:
                allowed = ", ".join(sorted(known)) or "no keys"
                self.problems.append(self.source.problem((*key, name), "this key is not read without Docker", allowed))
