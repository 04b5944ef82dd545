"""What an engine can run beside the stack's own services: once more the same service, or a program on its volume.

Whoever runs beside has a name like a service, by which `stop`, `address` and `incarnation` know it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from blackstart.engines.base import RunsOnVolumes


@runtime_checkable
class EndsBeside(Protocol):
    """Ends what runs beside."""

    def end_beside(self, name: str) -> None:
        """It and its container are gone, its volumes stay; nothing happens if there is none of that name."""
        ...


@runtime_checkable
class RunsSecondApp(EndsBeside, Protocol):
    """Runs the app once more: the same program and volumes, at a port of its own."""

    def begin_second_app(self, name: str, environment: Mapping[str, str]) -> None:
        """Start it with variables that differ from the app's own, and wait until it serves."""
        ...


@runtime_checkable
class RunsSecondDatabase(RunsSecondApp, Protocol):
    """Runs the database's server once more on the same files, out of sight of the first one."""

    def begin_second_database(self, name: str) -> str:
        """Start it and wait until it answers; returns host:port at which a second app reaches it."""
        ...


@runtime_checkable
class RunsWriters(RunsOnVolumes, EndsBeside, Protocol):
    """Lets a program of somebody else's write to a volume while its services go on."""

    def begin_writer(self, name: str, volume: str, program: str, *words: str) -> None:
        """Start a Python program with the volume's folder as `sys.argv[1]`, then `words`; it is not waited for."""
        ...
