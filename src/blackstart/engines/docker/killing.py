"""Ends a container's process from the host's side, or the container through the API."""

from __future__ import annotations

from blackstart.engines.docker.core import Core
from blackstart.errors import NotConducted


class DockerKilling(Core):
    """Implements `engines.base.KillsProcess` and `KillsByApi`."""

    def kill_process(self, service: str) -> None:
        """SIGKILL from a helper in the host's process namespace.

        From inside its own namespace a first process ignores SIGKILL, and `docker kill` would switch
        the restart policy off; this is how a crash looks, on any daemon that we can reach.
        """
        container = self.container(service)
        pid = container.attrs["State"]["Pid"] if container is not None else 0
        if not pid:
            raise NotConducted(f"{service} has no process to kill")
        self.client.containers.run(
            self.image_names[self.plan.stack.roles["app"].service],
            ["-c", 'kill -KILL "$0"', str(pid)],
            entrypoint="sh",
            user="0:0",
            pid_mode="host",
            network_mode="none",
            **self.helper_options(),
        )

    def kill_by_api(self, service: str) -> None:
        """What `docker kill` does."""
        container = self.container(service)
        if container is None or container.status != "running":
            raise NotConducted(f"{service} has no running container to kill")
        container.kill()

    def incarnation(self, service: str) -> str | None:
        """Process id and start time as the daemon has them."""
        container = self.container(service)
        state = container.attrs["State"] if container is not None else {}
        return f"process {state['Pid']} started {state['StartedAt']}" if state.get("Running") else None
