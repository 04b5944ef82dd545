"""Client tools as child processes, from the packages that carry the servers."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from blackstart.child import Completed
from blackstart.engines.embedded.core import Core
from blackstart.engines.embedded.programs import base_environment, postgres_tool


class EmbeddedExecution(Core):
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
        """The tool of the same name; it finds the server through PG* variables, and a script finds the other tools."""
        host, port = self.address(service)
        variables = {
            "PGHOST": host,
            "PGPORT": str(port),
            "PGUSER": "shop",
            "PGDATABASE": "shop",
            "PGPASSWORD": self.secrets.database,
            "TMPDIR": str(self.state.work),
        }
        base, tools = base_environment(), Path(postgres_tool("psql")).parent
        return self.children.run(
            argv[0],
            argv if argv[0] == "sh" else [postgres_tool(argv[0]), *argv[1:]],
            env={**base, **variables, "PATH": f"{tools}:{base['PATH']}"},
            deadline_s=deadline_s,
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=stdout,
        )

    def address(self, service: str) -> tuple[str, int]:
        """Loopback."""
        return "127.0.0.1", self.plan.ports[service]
