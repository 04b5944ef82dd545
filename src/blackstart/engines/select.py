"""Which engine a run uses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from blackstart.engines.base import EngineKind
from blackstart.errors import Refused

NAMES = ("docker", "embedded")


@cache
def kinds() -> Mapping[str, EngineKind]:
    """Every engine by name."""
    from blackstart.engines.docker import Docker
    from blackstart.engines.embedded import Embedded

    return {Docker.NAME: Docker, Embedded.NAME: Embedded}  # type: ignore[dict-item]


def select(name: str) -> EngineKind:
    """The engine called `name`; `auto` is Docker if a daemon answers, else embedded.

    Refused with what is missing: a daemon that answers but lacks Compose is not passed over in
    silence, since its user expects a drill on Docker.
    """
    from blackstart.engines.docker import Docker

    if name == "auto":
        name = "docker" if Docker.answers() else "embedded"
    kind = kinds()[name]
    reason = kind.missing()
    if reason is not None:
        what, _, hint = reason.partition("\n  hint: ")
        raise Refused(f"the {name} engine cannot run here: {what}", hint=hint)
    return kind
