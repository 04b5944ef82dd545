"""Reads and writes small files where a container's own processes see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import docker.errors

from blackstart.engines.docker.core import Core
from blackstart.errors import NotConducted


class DockerEntering(Core):
    """Implements what `engines.containers.EntersContainers` adds to `Reconfigures`."""

    def put_inside(self, service: str, path: str, text: str) -> None:
        """By a shell in the container: what is copied from outside does not reach a tmpfs."""
        status, _, errors = self._inside(service, ["sh", "-c", 'printf %s "$1" > "$0"', path, text])
        if status:
            raise NotConducted(f"{path} cannot be written in {service}: {errors.strip()}")

    def read_inside(self, service: str, path: str) -> str | None:
        """By cat in the container."""
        status, out, errors = self._inside(service, ["cat", path])
        if status == 0:
            return out
        if status == 1 and "No such file" in errors:
            return None
        raise NotConducted(f"{path} cannot be read in {service}: {errors.strip()}")

    def unwritable(self, service: str, folder: str) -> str:
        """By making a file and removing it again."""
        script = 'echo written > "$0" && exec rm "$0"'
        status, _, errors = self._inside(service, ["sh", "-c", script, f"{folder}/.blackstart-written"], user="")
        return errors.strip() or f"status {status}" if status else ""

    def _inside(self, service: str, argv: Sequence[str], *, user: str = "0:0") -> tuple[int, str, str]:
        """Exit status, output and errors of a command that a user (empty: the image's own) runs there."""
        container = self.container(service)
        if container is None or container.status != "running":
            raise NotConducted(f"{service} has no running container to look into")
        try:
            done = container.exec_run(list(argv), user=user, demux=True)
        except docker.errors.APIError as error:
            raise NotConducted(f"{service} cannot be looked into: {error.explanation}") from error
        out, errors = cast("tuple[bytes | None, bytes | None]", done.output)
        return done.exit_code or 0, (out or b"").decode(errors="replace"), (errors or b"").decode(errors="replace")
