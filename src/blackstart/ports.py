"""Loopback ports of runs: chosen so that no two runs on this machine, whoever started them, meet on one.

A run holds its ports for its life through sockets in Linux's abstract namespace, which no file system
knows and which go with the process, however it ends. On other systems a run only asks whether a port is free.
"""

from __future__ import annotations

import contextlib
import random
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from blackstart.errors import NotConducted

_RANGE = range(20_000, 32_000)
"""Below the range from which Linux takes ephemeral ports, so that none is lost to a client's socket."""
_TRIES = 200


def choose(names: Iterable[str], *, lane: int, lanes: int) -> dict[str, int]:
    """A free port for each name, of this lane, at random so that strangers do not meet."""
    chosen: dict[str, int] = {}
    for name in names:
        for port in random.SystemRandom().sample(_RANGE[lane::lanes], _TRIES):
            if port not in chosen.values() and _is_free(port):
                chosen[name] = port
                break
    return chosen


@contextmanager
def held(ports: Iterable[int]) -> Iterator[None]:
    """Within, no other run chooses these ports; NotConducted if one has."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            if not _hold(stack.enter_context(socket.socket(socket.AF_UNIX)), port):
                raise NotConducted(f"port {port} was taken by another run meanwhile", hint="run it again")
        yield


def _is_free(port: int) -> bool:
    with socket.socket() as probe, socket.socket(socket.AF_UNIX) as mark:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return _hold(mark, port)


def _hold(mark: socket.socket, port: int) -> bool:
    """Whether a port could be marked as ours; closing the socket gives it up."""
    if sys.platform != "linux":
        return True
    try:
        mark.bind(f"\0blackstart/port/{port}")
    except OSError:
        return False
    return True
