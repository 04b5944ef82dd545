"""The stacks that ship: each a folder with a compose file that any engine can run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blackstart.stack import Mount, Service, Stack, start_order


def names() -> list[str]:
    """The stacks that ship, by name."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/compose.yaml"))


def folder(name: str) -> Path:
    """Where a stack's compose file and all that it refers to lie."""
    return Path(__file__).parent / name


def stack_of(document: Mapping[str, Any]) -> Stack:
    """The Stack in a compose document whose short forms are spelled out.

    Environment is a mapping, ports are `{target}`, volumes `{source, target}`, depends_on a mapping,
    as `docker compose config --format json` prints them.
    """
    from blackstart.validation import adapter

    extra = document["x-blackstart"]
    order = start_order({name: tuple(s.get("depends_on") or {}) for name, s in document["services"].items()})
    services = []
    for name in order:
        service = document["services"][name]
        mounts = tuple(Mount(volume=v["source"], target=v["target"]) for v in service.get("volumes") or ())
        services.append(
            {
                "name": name,
                "image": service["image"],
                "environment": dict(sorted((service.get("environment") or {}).items())),
                "mounts": mounts,
                "port": int(service["ports"][0]["target"]),
                "depends_on": tuple(sorted(service.get("depends_on") or {})),
                "declared": extra["services"][name],
            }
        )
    return adapter(Stack).validate_python(  # type: ignore[no-any-return]
        {
            "name": document["name"],
            "services": tuple(adapter(Service).validate_python(service) for service in services),
            "volumes": tuple(sorted(document["volumes"])),
            **{key: value for key, value in extra.items() if key != "services"},
        }
    )
