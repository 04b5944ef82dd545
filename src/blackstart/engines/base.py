"""What an engine can do, one narrow Protocol a capability; users of an engine name the ones they need."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Protocol, runtime_checkable

from blackstart.child import Children, Completed
from blackstart.credentials import Secrets
from blackstart.plan import Plan
from blackstart.stack import Stack
from blackstart.state import StateFolder


@runtime_checkable
class Lifecycle(Protocol):
    """Brings the stack up, and single services up and down."""

    def up(self) -> None:
        """Start every service on empty volumes; return when all are healthy."""
        ...

    def start(self, service: str) -> None:
        """Start a service, making its container and volumes if they are missing; wait until healthy."""
        ...

    def launch(self, service: str) -> None:
        """The same without waiting."""
        ...

    def stop(self, service: str) -> None:
        """Stop a service in the orderly way; nothing happens if it is not running."""
        ...

    def logs(self) -> Iterator[tuple[str, str]]:
        """Each service's name and what it logged."""
        ...

    def incarnation(self, service: str) -> str | None:
        """Names the running process by its id and start time; None while there is none."""
        ...

    def images(self) -> Mapping[str, str]:
        """What runs each service: an image with its digest, or a program with its version."""
        ...


@runtime_checkable
class Executes(Protocol):
    """Runs a client tool where a service's own tools are."""

    def execute(
        self,
        service: str,
        argv: Sequence[str],
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        deadline_s: float = 600.0,
    ) -> Completed:
        """Run `argv` beside the service, connected to it; bulk data flows through the two files."""
        ...


@runtime_checkable
class KillsProcess(Protocol):
    """Ends a service's process from outside, as a crash does."""

    def kill_process(self, service: str, *, number: int = signal.SIGKILL) -> None:
        """A signal to the service's main process, SIGKILL to all it started too; the restart policy stays in force."""
        ...


@runtime_checkable
class Pauses(Protocol):
    """Freezes a service, and lets it go on."""

    def pause(self, service: str) -> None:
        """No process of the service gets the processor any more."""
        ...

    def unpause(self, service: str) -> None:
        """They go on where they were; nothing happens if they are not frozen."""
        ...


@runtime_checkable
class Volumes(Protocol):
    """Streams volumes in and out as tar; paths of the host are used only where the engine itself offers them."""

    def folder_of(self, volume: str) -> Path | None:
        """Where this process can read and write the volume's files itself; None: only as a tar stream."""
        ...

    def read_volume(self, volume: str, *only: str) -> AbstractContextManager[IO[bytes]]:
        """The volume's files as a tar stream; or only those files of it, by their paths inside."""
        ...

    def write_volume(self, volume: str, tar: IO[bytes]) -> None:
        """Unpack a tar stream into the volume, owned by the service that uses it."""
        ...

    def create_volume(self, volume: str) -> None:
        """An empty volume as the compose file defines it."""
        ...


@runtime_checkable
class DeletesVolumes(Volumes, Protocol):
    """Deletes volumes; those who use them go first."""

    def delete_volume(self, volume: str) -> None:
        """Remove the volume and the containers that hold it."""
        ...

    def plant(self, volume: str, name: str, content: bytes) -> None:
        """Write a small file at the volume's root."""
        ...

    def find(self, volume: str, name: str) -> bytes | None:
        """That file as something started afresh sees it: on the volume as it would be mounted now."""
        ...


@runtime_checkable
class RunsOnVolumes(DeletesVolumes, Protocol):
    """Changes and reads the files of a volume behind its services' backs."""

    def on_volume(self, volume: str, program: str, *words: str) -> str:
        """Run a Python program with the volume's folder as `sys.argv[1]`, then `words`; returns what it printed.

        NotConducted if it ends with another status than 0.
        """
        ...


@runtime_checkable
class BoundsVolumes(RunsOnVolumes, Protocol):
    """Gives a volume a file system of its own that can be filled without harm to anybody else."""

    def bound_volume(self, volume: str, size_bytes: int) -> None:
        """From its next making on, the volume has so much room: before `up`, from the start."""
        ...


@runtime_checkable
class LooksInside(DeletesVolumes, Protocol):
    """Sees a volume as a service has it mounted, which need not be the volume."""

    def inside(self, service: str, volume: str, name: str) -> bytes | None:
        """A file at the root of what the service has, or would have if it started now, where the volume belongs."""
        ...


@runtime_checkable
class BindsElsewhere(LooksInside, Protocol):
    """Gives a service another folder than its volume."""

    def bind_elsewhere(self, service: str, volume: str) -> None:
        """Make the service anew on a folder that was not there, as after a typo in a path; it is not waited for."""
        ...

    def bind_back(self, service: str, volume: str) -> None:
        """The service is gone, and has its volume again when it starts."""
        ...


@runtime_checkable
class TakesDown(DeletesVolumes, Protocol):
    """Takes the whole stack down, its volumes too."""

    def down_with_volumes(self) -> None:
        """What `docker compose down --volumes` does: containers, network and named volumes are gone."""
        ...


class Engine(Lifecycle, Executes, Volumes, Protocol):
    """One run's engine: what every part of the plot needs."""

    secrets: Secrets

    def address(self, service: str) -> tuple[str, int]:
        """Host and port at which this process reaches a service."""
        ...

    def close(self) -> list[str]:
        """Remove all that the run created; returns what is still there, by name."""
        ...


class EngineKind(Protocol):
    """An engine before it runs anything."""

    NAME: str

    @staticmethod
    def missing() -> str | None:
        """What keeps this engine from running here, with the way to get it; None if nothing does."""
        ...

    @staticmethod
    def describe() -> Mapping[str, str]:
        """Versions and places, for `doctor` and the report."""
        ...

    @staticmethod
    def lacks(needs: type) -> str | None:
        """Why this engine cannot provide a capability on any machine; None if it can on some."""
        ...

    @staticmethod
    def refuses(needs: type) -> str | None:
        """Why this engine cannot provide a capability here; None if it can."""
        ...

    @staticmethod
    def place_of(plan: Plan, *, service: str = "", volume: str = "") -> str:
        """What a service or a volume is called or where it lies in a run of this plan."""
        ...

    @staticmethod
    def read_stack(path: Path) -> Stack:
        """The stack in a compose file, as this engine reads it."""
        ...

    @staticmethod
    def open(plan: Plan, state: StateFolder, children: Children, secrets: Secrets) -> Engine:
        """The engine of one run."""
        ...

    @staticmethod
    def sweep(state: StateFolder) -> list[str]:
        """Remove what a dead run left; returns what could not be removed, by name."""
        ...
