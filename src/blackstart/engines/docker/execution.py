"""Client tools inside the service's container, bulk data through the command's own pipes."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import IO

from blackstart.child import Completed
from blackstart.engines.docker import compose
from blackstart.engines.docker.core import Core


class DockerExecution(Core):
    """Implements `engines.base.Executes`."""

    def execute(
        self,
        service: str,
        argv: Sequence[str],
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        deadline_s: float = 600.0,
    ) -> Completed:
        """`docker exec`; passwords go by name only, their values through the command's environment."""
        variables = {
            "PGHOST": "127.0.0.1",
            "PGUSER": "shop",
            "PGDATABASE": "shop",
            "PGPASSWORD": self.secrets.database,
            "REDISCLI_AUTH": self.secrets.cache,
        }
        names = [f"--env={name}" for name in variables]
        container = compose.container_name(self.plan.project, service)
        return self.children.run(
            argv[0],
            [self.endpoint.cli, "exec", "--interactive", *names, container, *argv],
            env={**self.endpoint.environment(), **variables},
            deadline_s=deadline_s,
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=stdout,
        )

    def address(self, service: str) -> tuple[str, int]:
        """The published loopback port."""
        return "127.0.0.1", self.plan.ports[service]
