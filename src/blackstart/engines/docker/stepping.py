"""Steps of a team's own procedure: `docker exec`, a short-lived container on a volume, or this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from blackstart.engines.docker import compose
from blackstart.engines.docker.core import Core
from blackstart.engines.stepping import GRACE_S, Ended, Streams, bounded, conduct, variables
from blackstart.stack import Role

_IN_VOLUME = ("sh", "-c", 'cd "$VOLUME" && exec "$@"', "sh")


class DockerStepping(Core):
    """Implements `engines.stepping.RunsSteps`."""

    def step_in(self, service: str, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """Variables go by name, their values through the command's environment."""
        known = variables(self.secrets, self._seen_by(service, "database"), self._seen_by(service, "cache"))
        names = [f"--env={name}" for name in known]
        container = compose.container_name(self.plan.project, service)
        words = [self.endpoint.cli, "exec", "--interactive", *names, container, *bounded(argv, within_s)]
        return self._step(words, known, None, streams, within_s + GRACE_S)

    def step_on(self, volume: str, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """A container that has the volume at /volume, and no network."""
        inside = ["env", "VOLUME=/volume", *_IN_VOLUME, *bounded(argv, within_s)]
        words = self.helper_argv(volume, mode="", argv=inside)
        return self._step(words, {}, None, streams, within_s + GRACE_S)

    def step_here(self, folder: Path, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """With the published ports, and the daemon that the shop runs on."""
        ports, roles = self.plan.ports, self.plan.stack.roles
        database, cache = (("127.0.0.1", ports[roles[role].service]) for role in ("database", "cache"))
        return self._step(argv, variables(self.secrets, database, cache), folder, streams, within_s)

    def _step(
        self,
        argv: Sequence[str],
        known: Mapping[str, str],
        folder: Path | None,
        streams: Streams,
        deadline_s: float,
    ) -> Ended:
        env = {**self.endpoint.environment(), **known}
        return conduct(self.children, self.secrets, argv, env=env, cwd=folder, streams=streams, deadline_s=deadline_s)

    def _seen_by(self, service: str, role: Role) -> tuple[str, int]:
        """Where a store is for somebody in a service's container."""
        store = self.plan.stack.service(self.plan.stack.roles[role].service)
        return ("127.0.0.1" if store.name == service else store.name), store.port
