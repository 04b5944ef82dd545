"""What all capabilities of one run's embedded engine share: services as processes, volumes as folders."""

from __future__ import annotations

import subprocess
from pathlib import Path

from blackstart import stacks
from blackstart.child import Children
from blackstart.credentials import Secrets
from blackstart.engines.embedded.programs import PROGRAMS, Place, Program
from blackstart.engines.embedded.reader import read_stack
from blackstart.plan import Plan
from blackstart.state import StateFolder


class Core:
    """Where each service runs, and the processes that run now."""

    def __init__(self, plan: Plan, state: StateFolder, children: Children, secrets: Secrets) -> None:
        self.plan = plan
        self.state = state
        self.children = children
        self.secrets = secrets
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.elsewhere: dict[tuple[str, str], Path] = {}
        """By service and volume, the folder that a service has instead of the volume's."""
        self.writers: dict[str, str] = {}
        """The volumes of the programs that run beside the services, by the program's name."""
        self.bounds: dict[str, int] = {}
        """By volume, the bytes of a file system of its own; the others lie on the state folder's."""
        compose = stacks.folder(plan.stack.name) / "compose.yaml"
        own = {**secrets.environment(), "LOG_RUN": plan.run_id}
        self._stack = read_stack(compose, {**plan.scenario.variables, **own})

    def folder(self, volume: str) -> Path:
        """The folder that stands for a volume."""
        return self.state.work / "volumes" / volume

    def mounted(self, service: str, volume: str) -> Path:
        """The folder that a service has where a volume belongs."""
        return self.elsewhere.get((service, volume), self.folder(volume))

    def program(self, service: str) -> Program:
        """What runs a service here."""
        return PROGRAMS[self._stack.service(service).declared.program]

    def place(self, service: str) -> Place:
        """Folders for mounts, loopback ports for service addresses; all else as the compose file says."""
        spec = self._stack.service(service)
        folders = {mount.target: self.mounted(service, mount.volume) for mount in spec.mounts}
        return Place(
            service=service,
            folders=folders,
            port=self.plan.ports[service],
            environment={name: self._here(value, folders) for name, value in spec.environment.items()},
        )

    def _here(self, value: str, folders: dict[str, Path]) -> str:
        """A value that is exactly a mount's target, or another service's address, as it is here."""
        if value in folders:
            return str(folders[value])
        for other in self._stack.services:
            if value == f"{other.name}:{other.port}":
                return f"127.0.0.1:{self.plan.ports[other.name]}"
        return value
