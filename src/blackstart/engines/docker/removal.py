"""Removes what a run made, from its own process or from another one after its death."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import docker
import docker.errors

from blackstart.child import end_orphans
from blackstart.engines.docker.compose import PROOF_LABEL, RUN_LABEL
from blackstart.state import StateFolder

REMOVAL_DEADLINE_S = 90.0
_ORDER = ("container", "network", "volume")


def remove_all(client: docker.DockerClient, state: StateFolder) -> list[str]:
    """Remove until two listings in a row are empty; returns what is still there at the deadline.

    Orphans end first: a Compose that outlived its runner goes on creating.
    """
    deadline = time.monotonic() + REMOVAL_DEADLINE_S
    left = end_orphans(state)
    empty = 0
    while empty < 2:
        things = list(ours(client, state))
        empty = 0 if things else empty + 1
        for kind, name, thing in things:
            if time.monotonic() > deadline:
                return [*left, *(f"{kind} {name}" for kind, name, _ in things)]
            _remove(kind, thing, state)
        time.sleep(0.1 if empty < 2 else 0)
    return left


def ours(client: docker.DockerClient, state: StateFolder) -> Iterator[tuple[str, str, Any]]:
    """Kind, name and handle of all that is this run's, in the order in which it can be removed.

    Ours is what carries the run's proof for its own kind and name, and what has exactly a name that
    the run announced when no such thing existed (a volume that Docker made by itself has no labels).
    """
    announced = {(made.kind, made.name) for made in state.created()}
    for kind in _ORDER:
        for name, labels, thing in _listing(client, kind):
            # While Compose replaces a container, the old one carries its id before its name.
            plain = re.sub(r"^[0-9a-f]{12}_", "", name)
            proven = labels.get(RUN_LABEL) == state.run_id and state.proves(kind, plain, labels.get(PROOF_LABEL))
            if proven or (kind, name) in announced:
                yield kind, name, thing


def _listing(client: docker.DockerClient, kind: str) -> Iterator[tuple[str, dict[str, str], Any]]:
    if kind == "container":
        for container in client.containers.list(all=True, ignore_removed=True):
            yield container.name or "", container.labels, container
    elif kind == "network":
        for network in client.networks.list():
            yield network.name or "", network.attrs.get("Labels") or {}, network
    else:
        for volume in client.volumes.list():
            yield volume.name, volume.attrs.get("Labels") or {}, volume


def _remove(kind: str, thing: Any, state: StateFolder) -> None:
    """One removal; what is busy or already gone is looked at again in the next round."""
    try:
        if kind == "container":
            _announce_mounts(thing, state)
            thing.remove(force=True, v=True)
        elif kind == "volume":
            thing.remove(force=False)
        else:
            thing.remove()
    except docker.errors.APIError as error:
        if error.status_code not in (404, 403, 409):
            raise


def _announce_mounts(container: Any, state: StateFolder) -> None:
    known = {made.name for made in state.created() if made.kind == "volume"}
    for mount in container.attrs.get("Mounts", ()):
        anonymous = mount.get("Type") == "volume" and re.fullmatch(r"[0-9a-f]{64}", mount.get("Name", ""))
        if anonymous and mount["Name"] not in known:
            state.creating("volume", mount["Name"], anonymous=True)
