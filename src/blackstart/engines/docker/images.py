"""Which image runs each service: the official one, or where it cannot be pulled, our stand-in.

A stand-in is built from a Dockerfile that ships with the stack, under a name of our own
(`blackstart/postgres:17`), never under the official one, and the report says which image ran.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors

from blackstart import stacks
from blackstart.child import Children
from blackstart.engines.docker.endpoint import Endpoint
from blackstart.errors import NotConducted
from blackstart.plan import Plan
from blackstart.stack import Service

BASE = "debian:trixie-slim"
BASE_STAND_IN = "blackstart/debian:trixie"
TOOLS = "blackstart/tools:latest"
CONTEXT_LABEL = "org.blackstart.context"
BUILD_DEADLINE_S = 900.0
PULL_DEADLINE_S = 600.0


def resolve(plan: Plan, endpoint: Endpoint, children: Children) -> tuple[dict[str, str], dict[str, str]]:
    """Service name to an image that is present, pulled or built for it; and to that image's id.

    A name may be given to another image while a run goes on, by another version of ours: an id may not.
    """
    client = endpoint.client()
    folder = stacks.folder(plan.stack.name)
    with _one_at_a_time(folder):
        names = {s.name: _image(client, s, folder, endpoint, children) for s in plan.stack.services}
        return names, {service: str(client.images.get(name).id) for service, name in names.items()}


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Runs side by side wait for the first one's builds instead of making the same images again.

    The lock is on a file that is there anyway, and lasts as long as its holder lives.
    """
    with (folder / "compose.yaml").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(client: docker.DockerClient, name: str) -> str:
    """The registry's digest of an image, or for one built here its own id."""
    image = client.images.get(name)
    digests = image.attrs.get("RepoDigests") or ()
    return digests[0].partition("@")[2] if digests else str(image.id)


def _image(client: docker.DockerClient, service: Service, folder: Path, endpoint: Endpoint, children: Children) -> str:
    if _official(client, service, endpoint, children):
        return service.image
    return _stand_in(client, service, folder, endpoint, children)


def _official(client: docker.DockerClient, service: Service, endpoint: Endpoint, children: Children) -> bool:
    """Whether the image of the compose file is here or can be had."""
    if service.image.startswith("blackstart/"):
        return False
    if present(client, service.image):
        return True
    if present(client, _stand_in_name(service)):
        return False
    return _pull(service.image, endpoint, children)


def _stand_in_name(service: Service) -> str:
    name, _, tag = service.image.rpartition("/")[2].partition(":")
    return f"blackstart/{name}:{tag or 'latest'}"


def _stand_in(
    client: docker.DockerClient, service: Service, folder: Path, endpoint: Endpoint, children: Children
) -> str:
    """Build the stand-in unless one of exactly these files is here."""
    context, name = folder / service.declared.build.context, _stand_in_name(service)
    return _built(client, name, context, service.declared.build.dockerfile, endpoint, children)


def tools(plan: Plan, endpoint: Endpoint, children: Children) -> str:
    """The image of network tools that faults use; no service runs it."""
    folder = stacks.folder(plan.stack.name)
    with _one_at_a_time(folder):
        return _built(endpoint.client(), TOOLS, folder / "images" / "tools", "Dockerfile", endpoint, children)


def _built(
    client: docker.DockerClient, name: str, context: Path, dockerfile: str, endpoint: Endpoint, children: Children
) -> str:
    """An image of exactly these files, built unless it is here."""
    wanted, log = context_digest(context), f"build-{name.rpartition('/')[2].partition(':')[0]}"
    if present(client, name) and client.images.get(name).labels.get(CONTEXT_LABEL) == wanted:
        return name
    base = _base(client, endpoint, children)
    done = children.run(
        log,
        [
            *(endpoint.cli, "build", f"--file={context / dockerfile}", f"--tag={name}"),
            *(f"--build-arg=BASE={base}", f"--label={CONTEXT_LABEL}={wanted}", str(context)),
        ],
        env=endpoint.environment(),
        deadline_s=BUILD_DEADLINE_S,
    )
    if done.status:
        raise NotConducted(f"building {name} ended with {done.status}", hint=f"see logs/{log}.log")
    return name


def _base(client: docker.DockerClient, endpoint: Endpoint, children: Children) -> str:
    """Debian's slim image, or where no registry is reached, one made from Debian's own packages."""
    if present(client, BASE):
        return BASE
    if present(client, BASE_STAND_IN):
        return BASE_STAND_IN
    if _pull(BASE, endpoint, children):
        return BASE
    bootstrap = shutil.which("mmdebstrap")
    if bootstrap is None:
        raise NotConducted(
            f"{BASE} cannot be pulled", hint="with mmdebstrap installed it is made from Debian's packages"
        )
    tar = children.work / "base.tar"
    words = [bootstrap, "--variant=minbase", "--include=ca-certificates", "trixie", str(tar)]
    env = {**endpoint.environment(), "PATH": endpoint.environment()["PATH"] + ":/usr/sbin:/sbin"}
    if children.run("base-image", words, env=env, deadline_s=BUILD_DEADLINE_S).status:
        raise NotConducted("mmdebstrap could not make a base image", hint="see logs/base-image.log")
    words = [endpoint.cli, "import", str(tar), BASE_STAND_IN]
    if children.run("base-image", words, env=env, deadline_s=BUILD_DEADLINE_S).status:
        raise NotConducted("docker import of the base image failed", hint="see logs/base-image.log")
    tar.unlink()
    return BASE_STAND_IN


def present(client: docker.DockerClient, name: str) -> bool:
    """Whether the daemon has an image of this name."""
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        return False
    return True


def _pull(name: str, endpoint: Endpoint, children: Children) -> bool:
    words = [endpoint.cli, "pull", "--quiet", name]
    return children.run("pull", words, env=endpoint.environment(), deadline_s=PULL_DEADLINE_S).status == 0


def context_digest(folder: Path) -> str:
    """A digest of all that an image of this stack is built from."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        if path.name != "compose.yaml":
            total.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]
