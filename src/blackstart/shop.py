"""A running shop as the plot sees it: the engine, and clients for its stores."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import redis

from blackstart.credentials import Secrets
from blackstart.engines.base import Engine
from blackstart.plan import Plan
from blackstart.stack import Role

# A connection that breaks under us is told by its exception, not by a line in the middle of the progress.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_SETTINGS = (
    "-c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=1 -c row_security=off"
    # Somebody's forgotten lock must not hold a recovery for ever.
    " -c lock_timeout=60s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One run's shop."""

    plan: Plan
    engine: Engine
    secrets: Secrets

    def service(self, role: Role) -> str:
        """The service that serves a role."""
        return self.plan.stack.roles[role].service

    def volume(self, role: Role) -> str:
        """The volume that holds a role's data."""
        return self.plan.stack.roles[role].volume

    @property
    def url(self) -> str:
        """The storefront's address."""
        host, port = self.engine.address(self.service("app"))
        return f"http://{host}:{port}"

    @contextmanager
    def database(self, name: str = "shop", *, autocommit: bool = True) -> Iterator[psycopg.Connection[Any]]:
        """A connection with the settings that make text and hashes repeatable; rolled back unless committed."""
        host, port = self.engine.address(self.service("database"))
        with psycopg.connect(
            host=host,
            port=port,
            user="shop",
            password=self.secrets.database,
            dbname=name,
            connect_timeout=3,
            client_encoding="UTF8",
            options=_SETTINGS,
            autocommit=autocommit,
            application_name="blackstart",
        ) as connection:
            yield connection

    @contextmanager
    def cache(self) -> Iterator[redis.Redis]:
        """A client of the shop's Redis that reads bytes."""
        host, port = self.engine.address(self.service("cache"))
        with redis.Redis(host=host, port=port, password=self.secrets.cache, socket_timeout=10) as client:
            yield client
