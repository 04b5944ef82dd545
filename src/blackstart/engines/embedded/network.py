"""Connections that the servers themselves end: plain processes share the machine's one loopback network."""

from __future__ import annotations

import sys

from blackstart.engines.embedded.beside import EmbeddedBeside
from blackstart.engines.embedded.programs import base_environment

RESETTER = "resetter"
LONGEST_S = 120
"""Resets end by themselves after that, whoever forgets them."""
_POSTGRES = """
query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> %s"
import psycopg
connection = psycopg.connect(autocommit=True)
reset = lambda: connection.execute(query, (connection.info.backend_pid,))
"""
_REDIS = """
import os, redis
client = redis.Redis(port=int(os.environ["REDIS_PORT"]), password=os.environ["REDISCLI_AUTH"])
reset = lambda: client.client_kill_filter(_type="normal", skipme=True)
"""
_LOOP = """
import sys, time
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    reset()
    time.sleep(0.001)  # a request to Redis takes no longer than some of these
"""


class EmbeddedNetwork(EmbeddedBeside):
    """Implements `engines.network.ResetsConnections`."""

    def get_ready_to_reset(self) -> None:
        """Nothing is needed."""

    def begin_resets(self, service: str) -> None:
        """pg_terminate_backend, or CLIENT KILL, for every connection but its own."""
        host, port = "127.0.0.1", str(self.plan.ports[service])
        postgres = {"PGHOST": host, "PGPORT": port, "PGUSER": "shop", "PGDATABASE": "postgres"}
        passwords = {"PGPASSWORD": self.secrets.database, "REDISCLI_AUTH": self.secrets.cache}
        program = {"postgres": _POSTGRES, "redis": _REDIS}[self.plan.stack.service(service).declared.program]
        env = {**base_environment(), **postgres, "REDIS_PORT": port, **passwords}
        argv = [sys.executable, "-c", program + _LOOP, str(LONGEST_S)]
        self.processes[RESETTER] = self.children.spawn(RESETTER, argv, env=env)

    def end_resets(self, service: str) -> None:
        """The process goes."""
        self.end_beside(RESETTER)
