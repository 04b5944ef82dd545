"""`reset-connections`: connections break again and again: a failing load balancer, a firewall that forgets them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Literal

import psycopg

from blackstart.engines.network import ResetsConnections
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack
from blackstart.waiting import poll

BREAKS_WITHIN_S = 1.0
"""A session of ours that lasts so long was not reset; the resets come much faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetConnections(Fault):
    """All connections to the store are ended every few requests; new ones are accepted, and end like them.

    On Docker a firewall's rule in the server's network namespace answers many requests by a reset, and the kernel
    closes the server's sockets under it (`iptables … --reject-with tcp-reset`, `ss --kill`); without it the server
    ends them itself (pg_terminate_backend, CLIENT KILL).
    """

    NAME: ClassVar[str] = "reset-connections"
    FAMILY: ClassVar[Family] = "network"

    kind: Literal["reset-connections"] = "reset-connections"
    role: Literal["database", "cache"] = "database"

    @property
    def needs(self) -> type:
        """Somebody who ends connections."""
        return ResetsConnections

    @property
    def target(self) -> str:
        """Whose connections."""
        return f"connections to the {self.role}"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The store, whose clients do not know what became of their last request."""
        return (self.role,)

    def prepare(self, shop: Shop) -> None:
        """See that a session lasts now; RuntimeError if not: then its end would prove nothing."""
        _engine(shop).get_ready_to_reset()
        if self._broken(shop) is not None:
            raise RuntimeError(f"a session with the {self.role} does not last before connections are reset")

    def inject(self, shop: Shop, prepared: None) -> None:
        """Begin."""
        _engine(shop).begin_resets(shop.service(self.role))

    def witness(self, shop: Shop, prepared: None) -> str | None:
        """A session of ours was opened, served a request, and broke within a second while nobody had ended it."""
        said = self._broken(shop)
        return None if said is None else f"a session with the {self.role} that had served a request broke: {said}"

    def heal(self, shop: Shop, prepared: None) -> None:
        """End it."""
        _engine(shop).end_resets(shop.service(self.role))

    def _broken(self, shop: Shop) -> str | None:
        """How a fresh session ended; None if it lasts, or cannot even be opened."""
        session = {"database": _of_database, "cache": _of_cache}[self.role]
        served = False
        try:
            with session(shop) as ask:
                ask()
                served = True
                poll(ask, within_s=BREAKS_WITHIN_S)
        except TimeoutError:
            return None  # it hangs rather than breaks
        except (psycopg.OperationalError, OSError) as error:
            return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}" if served else None
        return None


@contextmanager
def _of_database(shop: Shop) -> Iterator[Callable[[], None]]:
    with shop.database() as connection:

        def ask() -> None:
            connection.execute("SELECT 1")

        yield ask


@contextmanager
def _of_cache(shop: Shop) -> Iterator[Callable[[], None]]:
    """A bare connection: the client would make another one in silence. Who has no password is answered too."""
    address = shop.engine.address(shop.service("cache"))
    with socket.create_connection(address, timeout=BREAKS_WITHIN_S) as connection:

        def ask() -> None:
            connection.sendall(b"PING\r\n")
            if not connection.recv(100):
                raise ConnectionResetError("the other side has closed it")

        yield ask


def _engine(shop: Shop) -> ResetsConnections:
    engine = shop.engine
    assert isinstance(engine, ResetsConnections)
    return engine


EXTENSION = ResetConnections
