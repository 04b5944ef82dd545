"""Whether a service serves: a real request over its port, whatever engine runs it.

An open port is no proof, and neither is `pg_isready`, which answers during an image's temporary
init server. Asked directly and often, a service is known to be ready sooner than by a container's
health check, whose interval has to spare the machine.
"""

from __future__ import annotations

import httpx
import psycopg
import redis

from blackstart.credentials import Secrets

_TIMEOUT_S = 2


def serves(program: str, address: tuple[str, int], secrets: Secrets) -> bool:
    """Whether the program behind a service answers; KeyError for a program that nobody knows."""
    return {"postgres": _postgres, "redis": _redis, "storefront": _storefront}[program](*address, secrets)


def _postgres(host: str, port: int, secrets: Secrets) -> bool:
    """A query."""
    try:
        with psycopg.connect(
            host=host,
            port=port,
            user="shop",
            password=secrets.database,
            dbname="shop",
            connect_timeout=_TIMEOUT_S,
        ) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def _redis(host: str, port: int, secrets: Secrets) -> bool:
    """A ping; while it loads its file, Redis answers with an error."""
    with redis.Redis(host=host, port=port, password=secrets.cache, socket_timeout=_TIMEOUT_S) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _storefront(host: str, port: int, _secrets: Secrets) -> bool:
    """Its own word for health, which touches all three stores."""
    try:
        return httpx.get(f"http://{host}:{port}/healthz", timeout=_TIMEOUT_S, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
