"""What the environment says about the shop. Passwords come in here and leave for the stores only."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


class SettingsError(Exception):
    """A variable of the environment is missing or malformed."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port."""

    host: str
    port: int

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """`host:port` or `[host]:port`; SettingsError names the variable."""
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise SettingsError(f"{name} must be host:port, not {text!r}")
        return cls(host, int(port))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """How to reach PostgreSQL."""

    address: Address
    user: str
    name: str
    password: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """DATABASE_ADDRESS and POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD."""
        return cls(
            address=address(environment, "DATABASE_ADDRESS"),
            user=required(environment, "POSTGRES_USER"),
            name=required(environment, "POSTGRES_DB"),
            password=required(environment, "POSTGRES_PASSWORD"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the service needs to serve."""

    listen: Address
    database: DatabaseSettings
    redis: Address
    redis_password: str = field(repr=False)
    uploads_dir: Path
    logs_dir: Path
    log_run: str
    """Whose the access log's frames are: a word without spaces."""
    served_by: str
    """Which database answers: whoever is told that a write is done is told by whom."""
    migrate_at_boot: bool
    """Whether the service makes the tables, where there are none, before it serves."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The database's variables and LISTEN, SERVED_BY, REDIS_*, UPLOADS_DIR, LOGS_DIR, LOG_RUN; MIGRATE_AT_BOOT
        may be unset, which means no."""
        return cls(
            listen=address(environment, "LISTEN"),
            database=DatabaseSettings.from_environment(environment),
            redis=address(environment, "REDIS_ADDRESS"),
            redis_password=required(environment, "REDIS_PASSWORD"),
            uploads_dir=Path(required(environment, "UPLOADS_DIR")),
            logs_dir=Path(required(environment, "LOGS_DIR")),
            log_run=word(environment, "LOG_RUN"),
            migrate_at_boot=switch(environment, "MIGRATE_AT_BOOT"),
            served_by=word(environment, "SERVED_BY"),
        )


def required(environment: Mapping[str, str], name: str) -> str:
    """The variable's value; SettingsError if it is unset or empty."""
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def word(environment: Mapping[str, str], name: str) -> str:
    """The variable's value: letters, digits, dots, hyphens and underscores; SettingsError otherwise."""
    value = required(environment, name)
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", value):
        raise SettingsError(f"{name} must be one word, not {value!r}")
    return value


def switch(environment: Mapping[str, str], name: str) -> bool:
    """Whether the variable is `yes`; unset it is `no`, and SettingsError if it is neither."""
    value = environment.get(name) or "no"
    if value not in ("yes", "no"):
        raise SettingsError(f"{name} must be yes or no, not {value!r}")
    return value == "yes"


def address(environment: Mapping[str, str], name: str) -> Address:
    """The variable's value as a host and a port."""
    return Address.parse(name, required(environment, name))
