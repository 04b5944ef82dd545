"""What only an engine with containers can do, one narrow Protocol a capability."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from blackstart.engines.base import KillsProcess, Lifecycle, LooksInside, RunsOnVolumes


@runtime_checkable
class Restarts(KillsProcess, Protocol):
    """Starts a service again by itself when its process has ended."""

    def restarts(self, service: str) -> int:
        """How often it has done so since the service was made or started by hand; 0 if it is not there."""
        ...


@runtime_checkable
class KillsByApi(Protocol):
    """Ends a container through the engine's own interface."""

    def kill_by_api(self, service: str, *, number: int = signal.SIGKILL) -> None:
        """What `docker kill` does; SIGKILL by this way switches the restart policy off."""
        ...


@runtime_checkable
class Reconfigures(LooksInside, Protocol):
    """Makes a service's container anew with other keys than the compose file has."""

    def reconfigure(self, service: str, change: Mapping[str, Any]) -> None:
        """Keys of a service in a compose file, which override it; the service is started and not waited for."""
        ...

    def set_up(self, service: str, change: Mapping[str, Any]) -> None:
        """The same from the service's next making on: before `up`, from the start."""
        ...

    def as_before(self, service: str) -> None:
        """The container is gone, and the service as the compose file says when it starts."""
        ...

    def discard(self, service: str) -> None:
        """Remove the container, and leave its volumes."""
        ...

    def down(self) -> None:
        """What `docker compose down` does: containers and network go, volumes stay."""
        ...

    def target(self, service: str, volume: str) -> str:
        """Where the compose file mounts a volume in a service."""
        ...


@runtime_checkable
class RestartsReconfigured(Reconfigures, Restarts, Protocol):
    """Starts what was made anew again and again, as often as it ends."""


@runtime_checkable
class EntersContainers(Lifecycle, Reconfigures, RunsOnVolumes, Protocol):
    """Sees the files of a container as its processes see them, whatever is mounted there."""

    def put_inside(self, service: str, path: str, text: str) -> None:
        """Write a small file; NotConducted if it cannot be written."""
        ...

    def read_inside(self, service: str, path: str) -> str | None:
        """That file; None if there is no such file. NotConducted if the service does not run."""
        ...

    def unwritable(self, service: str, folder: str) -> str:
        """Why the container's own user cannot write there; empty if it can. NotConducted if it does not run."""
        ...


@runtime_checkable
class LimitsMemory(EntersContainers, Protocol):
    """Lets the kernel end what needs more memory than a service may have."""

    def limit_memory(self, service: str, size: int) -> None:
        """So many bytes for all processes of the service together, from now on."""
        ...

    def lift_memory_limit(self, service: str) -> None:
        """No limit any more."""
        ...

    def memory_kills(self, service: str) -> int:
        """How many of its processes the kernel has killed for want of memory, as the kernel counts them."""
        ...


@runtime_checkable
class ReplacesImages(EntersContainers, Protocol):
    """Makes another image out of the one that runs a service."""

    def newer_image(self, service: str, path: str, text: str) -> str:
        """An image that differs by one small file; its name."""
        ...

    def image_of(self, service: str) -> str:
        """The id of the image that the service's container was made from; empty if there is none."""
        ...
