"""Things that are not ours and look as if they were: alike by name, with labels copied from ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker.errors

from blackstart.engines.docker import compose
from blackstart.engines.docker.endpoint import resolve
from blackstart.phases.stage import Stage

FILE = b"somebody else's\n"


@dataclass(kw_only=True)
class Strangers:
    """Made when a run's own things are there to be copied; they outlive it."""

    containers: list[Any] = field(default_factory=list)
    volumes: list[Any] = field(default_factory=list)
    networks: list[Any] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)

    def arrive(self, stage: Stage) -> None:
        """Beside each thing of ours, one that looks like it."""
        root = stage.state.path.parent
        for name in (f"{stage.plan.run_id}2", f"copy-of-{stage.plan.run_id}"):
            folder = root / name
            (folder / "work" / "volumes" / "postgres_data").mkdir(parents=True)
            (folder / "work" / "volumes" / "postgres_data" / "file").write_bytes(FILE)
            self.folders.append(folder)
        if stage.plan.engine == "docker":
            self._on_docker(resolve().client(), stage)

    def touched(self) -> list[str]:
        """Those that are not as they were."""
        wrong = [str(f) for f in self.folders if (f / "work/volumes/postgres_data/file").read_bytes() != FILE]
        for kind, things in (("container", self.containers), ("volume", self.volumes), ("network", self.networks)):
            for thing in things:
                try:
                    thing.reload()
                except docker.errors.NotFound:
                    wrong.append(f"{kind} {thing.name}")
        return wrong + [f"container {c.name}: {c.status}" for c in self.containers if c.status != "running"]

    def leave(self) -> None:
        """Whoever made them removes them."""
        for thing in (*self.containers, *self.volumes, *self.networks):
            with contextlib.suppress(docker.errors.NotFound):  # whoever took it is told of by `touched`
                thing.remove(**({"force": True, "v": True} if thing in self.containers else {}))

    def _on_docker(self, client: docker.DockerClient, stage: Stage) -> None:
        project = stage.plan.project
        ours = client.containers.get(compose.container_name(project, "database"))
        volume = client.volumes.get(compose.volume_name(project, "uploads"))
        network = client.networks.get(f"{project}_default")
        labels = network.attrs.get("Labels") or {}
        # With Compose's own labels too it would be taken for one of the project's: such a run is refused.
        copied = {name: value for name, value in ours.labels.items() if "com.docker.compose" not in name}
        for name in (f"{project}-database-9", f"foreign-{project}"):
            image = str(ours.attrs["Image"])
            made = client.containers.create(image, ["-c", "sleep 900"], entrypoint="sh", name=name, labels=copied)
            made.start()
            self.containers.append(made)
        for name in (f"{project}_uploads2", f"{project}_postgres_data_copy"):
            self.volumes.append(client.volumes.create(name, labels=volume.attrs["Labels"]))
        self.networks.append(client.networks.create(f"{project}_default2", labels=labels))


@contextmanager
def strangers() -> Iterator[Strangers]:
    """Gone at the end, whatever was found."""
    made = Strangers()
    try:
        yield made
    finally:
        made.leave()
