"""Makes services anew with other mounts, commands or variables than the compose file says, and back again."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker.errors

from blackstart.engines.docker import compose
from blackstart.engines.docker.lifecycle import DockerLifecycle
from blackstart.engines.docker.volumes import DockerVolumes


class DockerReconfiguring(DockerLifecycle, DockerVolumes):
    """Implements `engines.containers.Reconfigures`, `BindsElsewhere` and `LooksInside`."""

    def reconfigure(self, service: str, change: Mapping[str, Any]) -> None:
        """Remove the container, and have Compose make and start it with the changed keys."""
        self.set_up(service, change)
        self.discard(service)
        self.compose_up("--no-deps", service)

    def set_up(self, service: str, change: Mapping[str, Any]) -> None:
        """From its next making on, the service has the changed keys."""
        known = compose.other_volumes(self.plan, self.changes)
        self.changes[service] = change
        for volume in sorted(compose.other_volumes(self.plan, self.changes) - known):
            self.announce("volume", compose.volume_name(self.plan.project, volume))
        if self.image_names:  # else the stack is not up yet, and what is written is written there
            self.write_override()

    def as_before(self, service: str) -> None:
        """The container goes; the next one is as the compose file says."""
        self.changes.pop(service, None)
        self.write_override()
        self.discard(service)

    def discard(self, service: str) -> None:
        """Remove a service's container, and leave its volumes."""
        self._journal_anonymous_volumes()
        container = self.container(service)
        if container is not None:
            container.remove(force=True)

    def bind_elsewhere(self, service: str, volume: str) -> None:
        """Docker itself makes the folder, and says nothing."""
        folder = self._mistyped(volume)
        self.state.creating("folder", str(folder), image=self.tools)  # whose tools can remove it again
        bind = {"type": "bind", "source": str(folder), "target": self.target(service, volume)}
        self.reconfigure(service, {"volumes": [{**bind, "bind": {"create_host_path": True}}]})

    def bind_back(self, service: str, volume: str) -> None:
        """The volume again."""
        self.as_before(service)

    def target(self, service: str, volume: str) -> str:
        """Where a service has a volume."""
        return next(m.target for m in self.plan.stack.service(service).mounts if m.volume == volume)

    def inside(self, service: str, volume: str, name: str) -> bytes | None:
        """Copied out of the container, running or not; without one, from what it would have."""
        container = self.container(service)
        if container is None:
            return self.find(volume, name) if service not in self.changes else None
        packed = io.BytesIO()
        try:
            stream, _ = container.get_archive(f"{self.target(service, volume)}/{name}")
        except docker.errors.NotFound:
            return None
        for chunk in stream:
            packed.write(chunk)
        packed.seek(0)
        with contextlib.suppress(KeyError), tarfile.open(fileobj=packed) as archive:
            file = archive.extractfile(name)
            return file.read() if file is not None else None
        return None

    def _mistyped(self, volume: str) -> Path:
        """A path on the daemon's host that nobody has made."""
        return self.state.work / f"{volume.replace('_', '-')}s"
