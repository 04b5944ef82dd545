"""A case of the self-test: one corruption that must be found and named, or one healthy oddity that must not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import psycopg
import redis

from blackstart.backups import Backup
from blackstart.ledger import Operation
from blackstart.stack import Role


class Copy(Protocol):
    """A copy of a healthy restored shop, made for one case; nothing that is done to it outlives the case.

    Its database is called `shop` and its owner is a superuser. Besides the seeded tables it has those of
    `zoo/`, and what customers wrote before the backup. The app is stopped.
    """

    operations: list[Operation]
    """The ledger of writes; a case may change it."""

    def database(
        self, name: str = "shop", *, autocommit: bool = True
    ) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A superuser's connection; rolled back unless committed."""
        ...

    def cache(self) -> AbstractContextManager[redis.Redis]:
        """A client of its Redis that reads bytes."""
        ...

    def uploads(self, change: Callable[[Path], None]) -> None:
        """Change the uploads volume's files, below the folder that `change` is given."""
        ...

    def page(self, relation: str, change: Callable[[bytearray], None]) -> None:
        """Change the first file of a table's or an index's storage while the server is stopped."""
        ...

    def backup(self, role: Role) -> Backup:
        """A copy of the backup that a role was restored from, in a folder of its own."""
        ...

    def backups(self) -> Path:
        """Where those copies lie, as `backups.BackupStore` keeps them."""
        ...

    def earlier(self, role: Role) -> bytes:
        """The artefact of a backup that was made before any customer came."""
        ...

    def restore(self, role: Role) -> None:
        """Bring a role back from the copy of its backup, as a recovery does that trusts it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is planted, and which check must say so."""

    what: str
    plant: Callable[[Copy], None]
    found_by: str = ""
    """The check that must fail; empty: this is healthy, and nothing may fail."""
    names: str = ""
    """What the check must name: whole words of `subject: difference` of what it observed; of the subject alone
    only where it has no differences. Where all is healthy, of what some check remarks; empty: nothing need be."""
    alone: bool = False
    """Whether the check may find nothing else: one difference, in one observation of each stage."""
    explained_by: Literal["backup", "ledger"] = "backup"
    """What the state must follow from: the backups' manifests, or the seed and the ledger (as after a crash)."""
    heal: str = ""
    """SQL that undoes what is not in the copy's database: roles, settings of the server."""


def sql(*statements: str) -> Callable[[Copy], None]:
    """Plants by statements, each in a transaction of its own."""

    def plant(copy: Copy) -> None:
        with copy.database() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    return plant


def twice(cases: Sequence[Case]) -> list[str]:
    """Names that occur twice: a matrix with two lines of one name could hide a miss."""
    names = [case.what for case in cases]
    return sorted({name for name in names if names.count(name) > 1})
