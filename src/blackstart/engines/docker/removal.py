"""Removes what a run made, from its own process or from another one after its death."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors
from docker.types import Mount

from blackstart.child import end_orphans
from blackstart.engines.docker.compose import PROOF_LABEL, RUN_LABEL, labels
from blackstart.state import StateFolder

REMOVAL_DEADLINE_S = 90.0
_ORDER = ("container", "network", "volume", "image")


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
    return [*left, *remove_folders(client, state)]


def remove_folders(client: docker.DockerClient, state: StateFolder) -> list[str]:
    """Remove folders that the daemon made for wrong binds; returns those that are still there.

    Their files belong to the services' users. Where we may not remove them, a short-lived container does.
    """
    folders = [(Path(made.name), made.detail["image"]) for made in state.created() if made.kind == "folder"]
    for folder, image in folders:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            _remove_as_root(client, state, folder, image)
    return [f"folder {folder}" for folder, _ in folders if folder.exists()]


def _remove_as_root(client: docker.DockerClient, state: StateFolder, folder: Path, image: str) -> None:
    name = f"blackstart-{state.run_id[-6:]}-remover-{folder.name}"
    state.creating("container", name)
    with contextlib.suppress(docker.errors.DockerException):  # what is still there afterwards is told
        client.containers.run(
            image,
            ["-rf", "--", f"/parent/{folder.name}"],
            entrypoint="rm",
            user="0:0",
            network_mode="none",
            mounts=[Mount("/parent", str(folder.parent), type="bind")],
            name=name,
            labels=labels(state, "container", name),
            remove=True,
        )


def ours(client: docker.DockerClient, state: StateFolder) -> Iterator[tuple[str, str, Any]]:
    """Kind, name and handle of all that is this run's, in the order in which it can be removed.

    Ours is what carries the run's proof for its own kind and name, and what has exactly a name that
    the run announced when no such thing existed (a volume that Docker made by itself has no labels).
    """
    announced = {(made.kind, made.name) for made in state.created()}
    for kind in _ORDER:
        for name, marks, thing in _listing(client, kind):
            # While Compose replaces a container, the old one carries its id before its name.
            plain = re.sub(r"^[0-9a-f]{12}_", "", name)
            proven = marks.get(RUN_LABEL) == state.run_id and state.proves(kind, plain, marks.get(PROOF_LABEL))
            if proven or (kind, name) in announced:
                yield kind, name, thing


@dataclass(frozen=True, slots=True, kw_only=True)
class _ImageName:
    """One name of an image: what it was made from is not ours, though it may have lost its own name meanwhile."""

    client: docker.DockerClient
    name: str

    def remove(self) -> None:
        self.client.images.remove(self.name, noprune=True)


def _listing(client: docker.DockerClient, kind: str) -> Iterator[tuple[str, dict[str, str], Any]]:
    if kind == "container":
        for container in client.containers.list(all=True, ignore_removed=True):
            yield container.name or "", container.labels, container
    elif kind == "network":
        for network in client.networks.list():
            yield network.name or "", network.attrs.get("Labels") or {}, network
    elif kind == "image":
        for image in client.api.images():  # in one answer: others may be removing theirs
            for tag in image["RepoTags"] or ():
                yield tag, image["Labels"] or {}, _ImageName(client=client, name=tag)
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
