"""A stack: what a compose file says, as far as the plot needs to know it, whoever read the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["database", "cache", "app", "uploads"]
DataClass = Literal["critical", "important", "temporary", "configuration"]
Change = Literal["fixed", "insert-only", "updated"]

ROLES: tuple[Role, ...] = ("database", "cache", "app", "uploads")
STORES: tuple[Role, ...] = ("database", "uploads", "cache")
"""The roles that hold data which customers write, in the order in which they are backed up."""

EXPLAINED: Mapping[str, Change] = {
    "public.inventory": "updated",
    "public.orders": "insert-only",
    "public.order_items": "insert-only",
    "public.payments": "insert-only",
    "public.uploads": "insert-only",
}
"""Tables that customers change, and whose rows `observe/survivors` compares with the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A named volume and the path where a service sees it."""

    volume: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A build's context, relative to the stack's folder, and its Dockerfile, relative to the context."""

    context: str
    dockerfile: str = "Dockerfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What `x-blackstart` says of a service: its program where there are no containers, the variables
    that choose its published port and its image, and what the image's stand-in is built from."""

    program: str
    port: str
    image: str
    build: Build


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One long-lived service (services behind a compose profile are not part of a drill)."""

    name: str
    image: str
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    port: int
    """The port that the service listens on; `Plan.ports` has the one it is published at."""
    depends_on: tuple[str, ...]
    declared: Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleBinding:
    """Which service and which volume serve a role, and how much the data matters."""

    service: str
    volume: str
    data_class: DataClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """What always holds of the shop's data, in any state that customers can see."""

    sql: str
    """A query that returns the rows which break it."""
    why: str
    """What it means, in words for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Services in the order in which they start, volumes, and what `x-blackstart` declares."""

    name: str
    services: tuple[Service, ...]
    volumes: tuple[str, ...]
    roles: Mapping[Role, RoleBinding]
    tables: Mapping[str, Change]
    schema: Mapping[Literal["tables", "constraints"], str]
    invariants: Mapping[str, Invariant] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """What a scenario may set of the compose file's variables, and what each does."""

    def service(self, name: str) -> Service:
        """The service called `name`; KeyError if there is none."""
        return next((s for s in self.services if s.name == name), None) or _missing(name)

    def roles_of(self, *, service: str = "", volume: str = "") -> tuple[Role, ...]:
        """The data-holding roles that a service or a volume serves."""
        return tuple(
            role for role in STORES if service == self.roles[role].service or volume == self.roles[role].volume
        )

    def users_of(self, volume: str) -> tuple[str, ...]:
        """The services that mount a volume."""
        return tuple(s.name for s in self.services if any(m.volume == volume for m in s.mounts))


def _missing(name: str) -> Service:
    raise KeyError(name)


def start_order(depends_on: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Service names, each after those it depends on; ValueError on a circle."""
    from graphlib import CycleError, TopologicalSorter

    try:
        return tuple(
            TopologicalSorter({name: sorted(deps) for name, deps in sorted(depends_on.items())}).static_order()
        )
    except CycleError as error:
        raise ValueError(f"services depend on each other in a circle: {' → '.join(error.args[1])}") from error
