"""Ports of runs: free, of their lane, and held against every other run on the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from blackstart import ports
from blackstart.engines.embedded.lifecycle import listens
from blackstart.errors import NotConducted


def test_each_name_has_a_port_of_its_own_in_its_lane() -> None:
    """Lanes never share a port."""
    one = ports.choose(["a", "b", "c"], lane=0, lanes=2)
    other = ports.choose(["a", "b", "c"], lane=1, lanes=2)

    assert {"a", "b", "c"} == one.keys() == other.keys()
    assert 6 == len({*one.values(), *other.values()})
    assert ({0}, {1}) == ({port % 2 for port in one.values()}, {port % 2 for port in other.values()})


def test_a_port_that_is_listened_at_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_RANGE", range(port, port + 1))
        monkeypatch.setattr(ports, "_TRIES", 1)

        assert {} == ports.choose(["a"], lane=0, lanes=1)


def test_a_port_that_another_process_holds_is_neither_chosen_nor_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there yet: the other run is about to. When its process ends, the port is free again."""
    monkeypatch.setattr(ports, "_RANGE", range(31_999, 32_000))
    monkeypatch.setattr(ports, "_TRIES", 1)
    code = "from blackstart import ports\nwith ports.held([31_999]): print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert b"held\n" == other.stdout.readline()

        assert {} == ports.choose(["a"], lane=0, lanes=1)
        with pytest.raises(NotConducted, match="port 31999 was taken by another run"), ports.held([31_999]):
            pass
        other.kill()
    assert {"a": 31_999} == ports.choose(["a"], lane=0, lanes=1)


def test_what_is_held_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a later port could not be had."""
    monkeypatch.setattr(ports, "_RANGE", range(31_997, 31_998))
    monkeypatch.setattr(ports, "_TRIES", 1)
    with ports.held([31_998]), pytest.raises(NotConducted), ports.held([31_997, 31_998]):
        pass

    with ports.held([31_997]):
        assert {} == ports.choose(["a"], lane=0, lanes=1)
    assert {"a": 31_997} == ports.choose(["a"], lane=0, lanes=1)


def test_an_answer_from_a_stranger_is_not_the_services_own() -> None:
    """The process that listens, or one that it started; nobody else."""
    with socket.socket() as taken, subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert (True, False) == (listens(os.getpid(), port), listens(other.pid, port))
        other.kill()
