"""The engine without Docker: real PostgreSQL, Redis and storefront as plain processes."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping

from blackstart.child import Children, end_orphans, end_tree
from blackstart.credentials import Secrets
from blackstart.engines.base import BoundsVolumes, Engine
from blackstart.engines.embedded import mounts, programs
from blackstart.engines.embedded.execution import EmbeddedExecution
from blackstart.engines.embedded.network import EmbeddedNetwork
from blackstart.engines.embedded.reader import read_stack
from blackstart.engines.embedded.shared_memory import remove_segment
from blackstart.engines.embedded.stepping import EmbeddedStepping
from blackstart.plan import Plan
from blackstart.state import StateFolder, root

_REASONS = {
    "KillsByApi": "there is no container to kill through an API without Docker; use by: process",
    "Restarts": "a plain process has no restart policy, so it runs once: killed a second time it is not there",
    "Reconfigures": "a plain process has no container that could be made anew with other mounts or another command",
    "RestartsReconfigured": "a plain process has no restart policy, which would start it again and again",
    "LimitsMemory": "a plain process has no control group of its own, whose memory could be limited",
    "ReplacesImages": "a plain process has no image that could be replaced",
    "EntersContainers": "a plain process has no container, with files and mounts of its own, to be looked into",
    "Disconnects": "there is no network between plain processes that one could be taken off",
    "SlowsNetwork": "all processes share one loopback interface, which is not ours to slow",
    "RunsSecondDatabase": "a second server sees that the first one runs, and refuses to start; only containers hide it",
}


class EmbeddedEngine(EmbeddedNetwork, EmbeddedExecution, EmbeddedStepping):
    """One run's engine; each base class is one capability."""

    def close(self) -> list[str]:
        """Stop the services in reverse order, end whatever else runs, remove the folders."""
        for service in reversed(self.plan.stack.services):
            with contextlib.suppress(OSError):
                self.stop(service.name)
        for process in self.processes.values():
            if process.poll() is None:
                end_tree(process.pid)
        return Embedded.sweep(self.state)


class Embedded:
    """The `embedded` engine before it runs anything."""

    NAME = "embedded"
    read_stack = staticmethod(read_stack)

    @staticmethod
    def missing() -> str | None:
        """Packages that are not installed, or a kernel that does not let root step down."""
        return programs.missing()

    @staticmethod
    def describe() -> Mapping[str, str]:
        """The programs' versions."""
        return programs.versions()

    @staticmethod
    def lacks(needs: type) -> str | None:
        """What only containers have."""
        if issubclass(EmbeddedEngine, needs):
            return None
        return _REASONS.get(needs.__name__, f"the embedded engine cannot: {needs.__name__}")

    @staticmethod
    def refuses(needs: type) -> str | None:
        """That, and here what only root may."""
        return mounts.missing() if needs is BoundsVolumes else Embedded.lacks(needs)

    @staticmethod
    def place_of(plan: Plan, *, service: str = "", volume: str = "") -> str:
        """A process, or a folder in the run's state folder."""
        if service:
            return f"a process of {plan.stack.service(service).declared.program}"
        return f"folder {root() / plan.run_id / 'work' / 'volumes' / volume}"

    @staticmethod
    def open(plan: Plan, state: StateFolder, children: Children, secrets: Secrets) -> Engine:
        """The engine of one run."""
        return EmbeddedEngine(plan, state, children, secrets)

    @staticmethod
    def sweep(state: StateFolder) -> list[str]:
        """End processes that a run left; its volumes are folders and go with its work folder."""
        left = end_orphans(state)
        for data in (state.work / "volumes").glob("*"):
            remove_segment(data)
        left += mounts.left(state, state.work / "volumes")
        shutil.rmtree(state.work / "volumes", ignore_errors=True)
        return left
