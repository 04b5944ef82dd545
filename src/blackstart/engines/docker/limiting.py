"""Limits a container's memory while it runs, and reads what the kernel did about it."""

from __future__ import annotations

import docker.errors

from blackstart.engines.docker.entering import DockerEntering
from blackstart.errors import NotConducted

_COUNTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
"""Where a container sees its own control group's count: version 2, and version 1."""


class DockerLimiting(DockerEntering):
    """Implements what `engines.containers.LimitsMemory` adds to `EntersContainers`."""

    def limit_memory(self, service: str, size: int) -> None:
        """What `docker update` does, without any swap beside it."""
        self._update(service, size)

    def lift_memory_limit(self, service: str) -> None:
        """All that the machine has: the daemon knows no way to take a limit away again."""
        self._update(service, self.client.info()["MemTotal"])

    def memory_kills(self, service: str) -> int:
        """From the control group's own file, inside the container."""
        for path in _COUNTS:
            text = self.read_inside(service, path)
            for line in (text or "").splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count)
        raise NotConducted(f"nothing in {service} tells how many processes the kernel has killed for want of memory")

    def _update(self, service: str, size: int) -> None:
        container = self.container(service)
        if container is None:
            raise NotConducted(f"{service} has no container whose memory could be limited")
        try:
            container.update(mem_limit=size, memswap_limit=size)
        except docker.errors.APIError as error:
            raise NotConducted(f"the memory of {service} cannot be limited: {error.explanation}") from error
