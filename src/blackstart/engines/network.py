"""What an engine can do to the network between services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from blackstart.engines.base import Executes


@runtime_checkable
class Disconnects(Executes, Protocol):
    """Takes services off the stack's network."""

    def disconnect(self, services: Sequence[str]) -> None:
        """Nobody reaches them any more, and they reach nobody; they go on running."""
        ...

    def reconnect(self, services: Sequence[str]) -> None:
        """They are found by their names again; nothing happens to one that is on the network."""
        ...


@runtime_checkable
class ResetsConnections(Protocol):
    """Ends a service's connections again and again, on both sides."""

    def get_ready_to_reset(self) -> None:
        """Fetch what that takes, and see that the kernel can do it; NotConducted if it cannot."""
        ...

    def begin_resets(self, service: str) -> None:
        """From now on no connection to the service lasts for more than some milliseconds; new ones are accepted."""
        ...

    def end_resets(self, service: str) -> None:
        """Connections last again; nothing happens if they did."""
        ...


@runtime_checkable
class SlowsNetwork(Protocol):
    """Lets a service send no faster than so many bits a second."""

    def get_ready_to_slow(self) -> None:
        """Fetch what that takes, and see that the kernel can do it; NotConducted if it cannot."""
        ...

    def slow(self, service: str, bits_per_s: int) -> None:
        """What the service sends waits its turn."""
        ...

    def unslow(self, service: str) -> None:
        """It sends as fast as ever; nothing happens if it did."""
        ...
