"""A running shop as the plot sees it: the engine, and clients for its stores."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis

from blackstart.backups import BackupStore
from blackstart.credentials import Secrets
from blackstart.engines.base import Engine
from blackstart.plan import Plan
from blackstart.stack import Role

# A connection that breaks under us is told by its exception, not by a line in the middle of the progress.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

# What a client asks for when it connects outweighs what a database's or a role's own settings say.
_SETTINGS = {
    # How values are written as text, which is how some of them are hashed.
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "xmloption": "content",
    "lc_monetary": "C",
    # How names are written: regclass and definitions leave out a schema that is searched.
    "search_path": "public",
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    # What is seen and how fast: all rows, by several workers where a table is large.
    "row_security": "off",
    "max_parallel_workers_per_gather": "4",
    "jit": "off",
    # Somebody's forgotten lock must not hold a recovery for ever; our own long looks are nobody's to cut short.
    "lock_timeout": "60s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One run's shop."""

    plan: Plan
    engine: Engine
    secrets: Secrets
    backups: BackupStore
    seconds: list[str] = field(default_factory=list)
    """Further storefronts that serve customers now, by service name."""

    def service(self, role: Role) -> str:
        """The service that serves a role."""
        return self.plan.stack.roles[role].service

    def volume(self, role: Role) -> str:
        """The volume that holds a role's data."""
        return self.plan.stack.roles[role].volume

    @property
    def storefronts(self) -> tuple[str, ...]:
        """All services that customers are served by."""
        return (self.service("app"), *self.seconds)

    @property
    def url(self) -> str:
        """The storefront's address."""
        return self.urls()[0]

    def urls(self) -> list[str]:
        """The addresses of all storefronts."""
        addresses = [self.engine.address(service) for service in self.storefronts]
        return [f"http://{host}:{port}" for host, port in addresses]

    @contextmanager
    def database(
        self, name: str = "shop", *, autocommit: bool = True, server: str = ""
    ) -> Iterator[psycopg.Connection[Any]]:
        """A connection with the settings that make text and hashes repeatable; rolled back unless committed.

        `server`: another service than the one that serves the role.
        """
        host, port = self.engine.address(server or self.service("database"))
        with psycopg.connect(
            host=host,
            port=port,
            user="shop",
            password=self.secrets.database,
            dbname=name,
            connect_timeout=3,
            client_encoding="UTF8",
            options=" ".join(f"-c {name}={value}" for name, value in _SETTINGS.items()),
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
