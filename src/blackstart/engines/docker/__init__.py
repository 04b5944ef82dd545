"""The engine that runs the stack on a Docker daemon, through Compose and the SDK."""

from __future__ import annotations

from collections.abc import Mapping

from blackstart.child import Children
from blackstart.credentials import Secrets
from blackstart.engines.base import Engine
from blackstart.engines.containers import LimitsMemory
from blackstart.engines.docker import compose, network
from blackstart.engines.docker.compose import read_stack
from blackstart.engines.docker.endpoint import resolve
from blackstart.engines.docker.execution import DockerExecution
from blackstart.engines.docker.killing import DockerKilling
from blackstart.engines.docker.limiting import DockerLimiting
from blackstart.engines.docker.network import DockerNetwork
from blackstart.engines.docker.reconfiguring import DockerReconfiguring
from blackstart.engines.docker.removal import remove_all
from blackstart.engines.docker.replacing import DockerReplacing
from blackstart.engines.docker.stepping import DockerStepping
from blackstart.errors import Refused
from blackstart.plan import Plan
from blackstart.state import StateFolder


class DockerEngine(
    DockerNetwork,
    DockerReconfiguring,
    DockerLimiting,
    DockerReplacing,
    DockerExecution,
    DockerStepping,
    DockerKilling,
):
    """One run's engine; each base class is one capability."""

    def close(self) -> list[str]:
        """Remove all that the run made on the daemon."""
        return remove_all(self.client, self.state)


class Docker:
    """The `docker` engine before it runs anything."""

    NAME = "docker"
    read_stack = staticmethod(read_stack)

    @staticmethod
    def missing() -> str | None:
        """What keeps a daemon from being used."""
        try:
            resolve()
        except Refused as reason:
            return str(reason)
        return None

    @staticmethod
    def answers() -> bool:
        """Whether a daemon answers at all, even if something else is missing."""
        reason = Docker.missing()
        return reason is None or "compose plugin" in reason

    @staticmethod
    def describe() -> Mapping[str, str]:
        """The daemon's version and where it was reached."""
        endpoint = resolve()
        return {"docker engine": endpoint.server, "endpoint": endpoint.host.partition(":")[0]}

    @staticmethod
    def lacks(needs: type) -> str | None:
        """What the engine class has, it can do."""
        return None if issubclass(DockerEngine, needs) else f"the docker engine cannot: {needs.__name__}"

    @staticmethod
    def refuses(needs: type) -> str | None:
        """Any daemon that we can reach will do; its kernel has a say in limits and networks."""
        if needs is LimitsMemory and not (info := resolve().client().info())["MemoryLimit"]:
            return f"the kernel of this daemon ({info['KernelVersion']}) limits no container's memory"
        return Docker.lacks(needs) or network.refusal(resolve(), needs)

    @staticmethod
    def place_of(plan: Plan, *, service: str = "", volume: str = "") -> str:
        """A container, or a volume."""
        if service:
            return f"container {compose.container_name(plan.project, service)}"
        return f"volume {compose.volume_name(plan.project, volume)}"

    @staticmethod
    def open(plan: Plan, state: StateFolder, children: Children, secrets: Secrets) -> Engine:
        """The engine of one run."""
        return DockerEngine(plan, state, children, secrets, resolve())

    @staticmethod
    def sweep(state: StateFolder) -> list[str]:
        """Remove what a dead run left on the daemon."""
        return remove_all(resolve().client(), state)
