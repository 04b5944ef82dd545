"""What all capabilities of one run's Docker engine share."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker.errors
from docker.models.containers import Container

from blackstart import stacks
from blackstart.child import Children
from blackstart.credentials import Secrets
from blackstart.engines.docker import compose
from blackstart.engines.docker.endpoint import Endpoint
from blackstart.errors import NotConducted
from blackstart.plan import Plan
from blackstart.state import StateFolder
from blackstart.waiting import poll

FREE_WITHIN_S = 20.0
HTTP_CONFLICT = 409


class Core:
    """The plan, the daemon, and containers that are proven to be this run's."""

    def __init__(
        self, plan: Plan, state: StateFolder, children: Children, secrets: Secrets, endpoint: Endpoint
    ) -> None:
        self.plan = plan
        self.state = state
        self.children = children
        self.secrets = secrets
        self.endpoint = endpoint
        self.client = endpoint.client()
        self.image_names: dict[str, str] = {}
        """Service name to the image that runs it; filled before the stack comes up."""
        self.image_ids: dict[str, str] = {}
        """The same by ids, by which containers are made: a name may come to mean another image."""
        self.changes: dict[str, Mapping[str, Any]] = {}
        """By service, what is otherwise in it than the compose file says: keys of a service there."""
        self.beside: set[str] = set()
        """What was started beside the stack's own services, by name."""
        self.said: dict[str, str] = {}
        """What those of them said that have been ended."""
        self.bounds: dict[str, int] = {}
        """By volume, the bytes of a file system of its own; the others lie on the daemon's."""
        self.helper_prefix = f"{plan.project}-helper-"
        self._helpers = itertools.count(1)

    @property
    def tools(self) -> str:
        """The image that short-lived helpers run in."""
        return self.image_ids[self.plan.stack.roles["app"].service]

    def container(self, service: str) -> Container | None:
        """The service's container, or None; NotConducted if one with its name is not ours."""
        name = compose.container_name(self.plan.project, service)
        try:
            found = self.client.containers.get(name)
        except docker.errors.NotFound:
            return None
        self.prove("container", name, found.labels)
        return found

    def refuse_strangers(self) -> None:
        """NotConducted if a container that is not ours carries our project's label: Compose would remove it."""
        label = f"com.docker.compose.project={self.plan.project}"
        for found in self.client.containers.list(all=True, filters={"label": label}, ignore_removed=True):
            self.prove("container", found.name or "", found.labels)

    def prove(self, kind: str, name: str, labels: dict[str, str] | None) -> None:
        """Refuse to touch what is not proven to be this run's."""
        if not self.state.proves(kind, name, (labels or {}).get(compose.PROOF_LABEL)):
            raise NotConducted(f"the {kind} {name} is not this run's: its proof label is missing or wrong")

    def free(self, volume: str, *, of: str = "") -> None:
        """Remove the containers that hold a volume, helpers in the middle of a backup among them.

        `of`: only those whose name begins so.
        """
        name = compose.volume_name(self.plan.project, volume)

        def held() -> bool:
            found = self.client.containers.list(all=True, filters={"volume": name}, ignore_removed=True)
            holders = [container for container in found if (container.name or "").startswith(of)]
            for container in holders:
                self.prove("container", container.name or "", container.labels)
                # A helper that has just ended removes itself.
                with contextlib.suppress(docker.errors.APIError):
                    container.remove(force=True, v=True)
            return bool(holders)

        if not poll(lambda: not held(), within_s=FREE_WITHIN_S):
            raise NotConducted(f"containers go on holding the volume {name}")

    def remove_volume(self, volume: str) -> None:
        """Remove a volume together with whoever holds it, or is about to."""
        name = compose.volume_name(self.plan.project, volume)

        def gone() -> bool:
            self.free(volume)
            try:
                self.client.volumes.get(name).remove()
            except docker.errors.NotFound:
                return True
            except docker.errors.APIError as error:
                if error.status_code != HTTP_CONFLICT:
                    raise
                return False
            return True

        if not poll(gone, within_s=FREE_WITHIN_S):
            raise NotConducted(f"the volume {name} cannot be removed: something goes on using it")

    def exists(self, kind: str, name: str) -> bool:
        """Whether the daemon has a container, volume, network or image of that name, whoever made it."""
        get: Mapping[str, Callable[[str], object]] = {
            "container": self.client.containers.get,
            "volume": self.client.volumes.get,
            "network": self.client.networks.get,
            "image": self.client.images.get,
        }
        try:
            get[kind](name)
        except docker.errors.NotFound:
            return False
        return True

    def announce(self, kind: str, name: str) -> None:
        """Put on disk that a thing is about to be made; NotConducted if one of that name is there already."""
        if self.exists(kind, name):
            raise NotConducted(f"a {kind} called {name} is already there, and it is not this run's")
        self.state.creating(kind, name)

    def write_override(self) -> None:
        """Tell Compose of this run's labels, and of what faults have changed."""
        compose.write_override(self.plan, self.state, self.changes)

    def compose_command(self, *words: str) -> list[str]:
        """Compose on this run's project; the plugin itself, so that it dies with us."""
        folder: Path = stacks.folder(self.plan.stack.name)
        files = [
            "--file",
            str(folder / "compose.yaml"),
            "--file",
            str(self.state.work / "compose.labels.json"),
        ]
        return [self.endpoint.compose, "--project-name", self.plan.project, *files, *words]

    def compose_environment(self) -> dict[str, str]:
        """What the scenario sets, ports, images, passwords and whose log it is, by the compose file's variables."""
        services = self.plan.stack.services
        ports = {s.declared.port: str(self.plan.ports[s.name]) for s in services}
        images = {s.declared.image: self.image_ids[s.name] for s in services}
        own = {**ports, **images, **self.secrets.environment(), "LOG_RUN": self.plan.run_id}
        return {**self.endpoint.environment(), **self.plan.scenario.variables, **own}

    def helper_name(self) -> str:
        """A fresh name for a short-lived container, announced before it is used."""
        name = f"{self.helper_prefix}{next(self._helpers)}"
        self.state.creating("container", name)
        return name

    def helper_argv(self, volume: str, *, mode: str, argv: Sequence[str]) -> list[str]:
        """`docker run` of a short-lived container that sees one volume at /volume and no network."""
        name = self.helper_name()
        mount = f"type=volume,source={compose.volume_name(self.plan.project, volume)},target=/volume{mode}"
        marks = [f"--label={key}={value}" for key, value in compose.labels(self.state, "container", name).items()]
        image = self.tools
        base = [
            self.endpoint.cli,
            "run",
            "--rm",
            "--interactive",
            "--network=none",
            "--user=0:0",
            f"--name={name}",
        ]
        return [*base, *marks, f"--mount={mount}", f"--entrypoint={argv[0]}", image, *argv[1:]]

    def helper_options(self) -> dict[str, Any]:
        """The same for helpers started by the SDK."""
        name = self.helper_name()
        return {"name": name, "labels": compose.labels(self.state, "container", name), "remove": True}
