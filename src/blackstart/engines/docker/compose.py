"""The compose file as Compose itself reads it, and the override that carries a run's labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blackstart.child import ask
from blackstart.engines.docker.endpoint import Endpoint, resolve
from blackstart.errors import Refused
from blackstart.plan import Plan
from blackstart.stack import Stack
from blackstart.stacks import stack_of
from blackstart.state import StateFolder

RUN_LABEL = "org.blackstart.run"
PROOF_LABEL = "org.blackstart.proof"


def read_stack(path: Path, endpoint: Endpoint | None = None) -> Stack:
    """The Stack that `docker compose config` sees, with the file's own defaults for variables."""
    endpoint = endpoint or resolve()
    argv = [endpoint.compose, "--file", str(path), "config", "--format", "json"]
    text = ask(argv, environment={"DOCKER_HOST": endpoint.host}, clean=True)
    if text is None:
        raise Refused(f"{path.name} is not accepted by docker compose", hint="docker compose config says why")
    return stack_of(json.loads(text))


def container_name(project: str, service: str) -> str:
    """The name that Compose gives a service's one container."""
    return f"{project}-{service}-1"


def volume_name(project: str, volume: str) -> str:
    """The name that Compose gives a volume."""
    return f"{project}_{volume}"


def expected(plan: Plan) -> Iterator[tuple[str, str]]:
    """Kind and name of all that Compose makes for a plan."""
    yield "network", f"{plan.project}_default"
    yield from (("volume", volume_name(plan.project, volume)) for volume in plan.stack.volumes)
    yield from (("container", container_name(plan.project, s.name)) for s in plan.stack.services)


def labels(state: StateFolder, kind: str, name: str) -> dict[str, str]:
    """What marks a thing as this run's own."""
    return {RUN_LABEL: state.run_id, PROOF_LABEL: state.proof(kind, name)}


def other_volumes(plan: Plan, changes: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Volumes that changed services name and the stack does not have."""
    mounts = [mount for change in changes.values() for mount in change.get("volumes", ())]
    named = {mount["source"] for mount in mounts if mount["type"] == "volume" and "source" in mount}
    return named - set(plan.stack.volumes)


def write_override(plan: Plan, state: StateFolder, changes: Mapping[str, Mapping[str, Any]]) -> Path:
    """A second compose file that adds labels, and what faults have changed of a service; no secret is in it."""
    project = plan.project
    volumes = [*plan.stack.volumes, *sorted(other_volumes(plan, changes))]
    document: dict[str, Any] = {
        "services": {
            s.name: {
                **changes.get(s.name, {}),
                "labels": labels(state, "container", container_name(project, s.name)),
            }
            for s in plan.stack.services
        },
        "volumes": {v: {"labels": labels(state, "volume", volume_name(project, v))} for v in volumes},
        "networks": {"default": {"labels": labels(state, "network", f"{project}_default")}},
    }
    path = state.work / "compose.labels.json"
    path.write_text(json.dumps(document, indent=1))
    return path
