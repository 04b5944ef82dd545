"""The stack's network: services off it and on it again; in a container's namespace of it, tc, iptables and ss.

Those need a capability that no container of the stack has, and programs that no image of it has: a helper of
our own joins the namespace for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import docker.errors

from blackstart.engines.docker import images
from blackstart.engines.docker.beside import DockerBeside
from blackstart.engines.docker.endpoint import Endpoint
from blackstart.engines.network import ResetsConnections, SlowsNetwork
from blackstart.errors import NotConducted

RESETTER = "resetter"
LONGEST_S = 120
"""Resets end by themselves after that, whoever forgets them."""
_RULE = (
    'INPUT -p tcp --dport "$0" --tcp-flags PSH PSH -m statistic --mode random --probability 0.3 '
    "-j REJECT --reject-with tcp-reset"
)
"""A third of all requests is answered by a RST, and few sessions get further than some requests."""
_REJECT = f"iptables -A {_RULE} || iptables-legacy -A {_RULE}"
_ACCEPT = f"iptables -D {_RULE} || iptables-legacy -D {_RULE} || true"
_RESET = f"""{{ {_REJECT}; }} || exit 1
while :; do ss --kill --numeric --no-header state connected "( sport = :$0 )" >/dev/null; sleep 0.01; done"""
"""The server knows nothing of a rejected request: its half of the connection would stay for hours."""
_SLOW = 'for each in /sys/class/net/eth*; do tc qdisc replace dev "${each##*/}" root tbf rate "$0" %s || exit 1; done'
_UNSLOW = 'for each in /sys/class/net/eth*; do tc qdisc del dev "${each##*/}" root 2>/dev/null; done; true'
_BUCKET = "burst 4kb latency 400ms"


_TRIALS: Mapping[type, tuple[str, list[str]]] = {
    ResetsConnections: ("reset connections", ["sh", "-c", _REJECT, "1"]),
    SlowsNetwork: ("slow a network", ["sh", "-c", f"tc qdisc add dev lo root tbf rate 1mbit {_BUCKET}"]),
}
"""What each is in words, and a command that does it to a network namespace of its own."""


def refusal(endpoint: Endpoint, needs: type) -> str | None:
    """Why this daemon's kernel cannot do it, tried in a namespace of nobody's; None if it can.

    None also where the image of tools has not been made yet: then the run itself finds out, before any harm.
    """
    if needs not in _TRIALS or not images.present(endpoint.client(), images.TOOLS):
        return None
    return _tried(endpoint, needs)


@cache
def _tried(endpoint: Endpoint, needs: type) -> str | None:
    """Once for a daemon: a kernel stays as it is."""
    what, command = _TRIALS[needs]
    try:
        containers = endpoint.client().containers
        containers.run(images.TOOLS, entrypoint=command, network_mode="none", cap_add=["NET_ADMIN"], remove=True)
    except docker.errors.ContainerError as error:
        said = error.stderr.decode(errors="replace") if isinstance(error.stderr, bytes) else str(error.stderr)
        return f"this daemon's kernel cannot {what}: {said.strip()}"
    return None


class DockerNetwork(DockerBeside):
    """Implements `engines.network.Disconnects`, `ResetsConnections` and `SlowsNetwork`."""

    def disconnect(self, services: Sequence[str]) -> None:
        """What `docker network disconnect` does; ports that they publish go with it."""
        for service in services:
            container = self.container(service)
            if container is None:
                raise NotConducted(f"{service} has no container to disconnect")
            self._network().disconnect(container)

    def reconnect(self, services: Sequence[str]) -> None:
        """With the name by which Compose lets the others find it."""
        for service in services:
            container, network = self.container(service), self._network()
            if container is not None and network.name not in container.attrs["NetworkSettings"]["Networks"]:
                network.connect(container, aliases=[service])

    def get_ready_to_reset(self) -> None:
        """The image of tools; and whether the kernel has what the rule needs."""
        self._try(ResetsConnections)

    def begin_resets(self, service: str) -> None:
        """A firewall's rule rejects requests, and the kernel closes the service's sockets under it: RST either way."""
        port = self.plan.stack.service(service).port
        words = ["timeout", str(LONGEST_S), "sh", "-c", _RESET, str(port)]
        self._run(RESETTER, self._tools(), entrypoint=words, **self._within(service))

    def end_resets(self, service: str) -> None:
        """Helper and rule go; a container that was made anew has no rule."""
        self.end_beside(RESETTER)
        if self._runs(service):
            self._once(_ACCEPT, str(self.plan.stack.service(service).port), **self._within(service))

    def get_ready_to_slow(self) -> None:
        """The image of tools; and whether the kernel has a token bucket."""
        self._try(SlowsNetwork)

    def slow(self, service: str, bits_per_s: int) -> None:
        """A token bucket before the container's interface."""
        self._once(_SLOW % _BUCKET, f"{bits_per_s}bit", **self._within(service))

    def unslow(self, service: str) -> None:
        """Without it; a container that was made anew has none."""
        if self._runs(service):
            self._once(_UNSLOW, **self._within(service))

    def _runs(self, service: str) -> bool:
        container = self.container(service)
        return container is not None and container.status == "running"

    def _within(self, service: str) -> dict[str, Any]:
        """In the service's network, with the right to change it."""
        container = self.container(service)
        if container is None or container.status != "running":
            raise NotConducted(f"{service} has no running container whose network could be changed")
        return {"network_mode": f"container:{container.id}", "cap_add": ["NET_ADMIN"]}

    def _try(self, needs: type) -> None:
        """With the image of tools there is an answer; NotConducted if it is no."""
        self._tools()
        refused = refusal(self.endpoint, needs)
        if refused is not None:
            raise NotConducted(refused)

    def _once(self, script: str, *words: str, **options: Any) -> None:
        """A short-lived helper."""
        entrypoint = ["sh", "-c", script, *words]
        self.client.containers.run(self._tools(), entrypoint=entrypoint, **self.helper_options(), **options)

    def _network(self) -> Any:
        name = f"{self.plan.project}_default"
        network = self.client.networks.get(name)
        self.prove("network", name, network.attrs.get("Labels"))
        return network

    def _tools(self) -> str:
        return images.tools(self.plan, self.endpoint, self.children)
