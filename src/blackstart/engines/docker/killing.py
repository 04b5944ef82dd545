"""Ends a container's process from the host's side, or the container through the API; or freezes it."""

from __future__ import annotations

import signal

from blackstart.engines.docker.core import Core
from blackstart.errors import NotConducted


class DockerKilling(Core):
    """Implements `engines.base.KillsProcess`, `Restarts`, `KillsByApi` and `Pauses`."""

    def kill_process(self, service: str, *, number: int = signal.SIGKILL) -> None:
        """A signal from a helper in the host's process namespace.

        From inside its own namespace a first process ignores SIGKILL, and `docker kill` would switch
        the restart policy off; this is how a crash looks, on any daemon that we can reach.
        """
        container = self.container(service)
        pid = container.attrs["State"]["Pid"] if container is not None else 0
        if not pid:
            raise NotConducted(f"{service} has no process to kill")
        self.client.containers.run(
            self.tools,
            ["-c", 'kill -"$0" "$1"', str(int(number)), str(pid)],
            entrypoint="sh",
            user="0:0",
            pid_mode="host",
            network_mode="none",
            **self.helper_options(),
        )

    def pause(self, service: str) -> None:
        """What `docker pause` does: the kernel's freezer."""
        container = self.container(service)
        if container is None or container.status != "running":
            raise NotConducted(f"{service} has no running container to pause")
        container.pause()

    def unpause(self, service: str) -> None:
        """What `docker unpause` does."""
        container = self.container(service)
        if container is not None and container.status == "paused":
            container.unpause()

    def kill_by_api(self, service: str, *, number: int = signal.SIGKILL) -> None:
        """What `docker kill` does."""
        container = self.container(service)
        if container is None or container.status != "running":
            raise NotConducted(f"{service} has no running container to kill")
        container.kill(int(number))

    def restarts(self, service: str) -> int:
        """As the daemon has counted them."""
        container = self.container(service)
        return int(container.attrs["RestartCount"]) if container is not None else 0

    def incarnation(self, service: str) -> str | None:
        """Process id and start time as the daemon has them; one that waits to be restarted counts as running there."""
        container = self.container(service)
        state = container.attrs["State"] if container is not None else {}
        running = state.get("Running") and state["Pid"]
        return f"process {state['Pid']} started {state['StartedAt']}" if running else None
