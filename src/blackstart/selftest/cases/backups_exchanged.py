"""Backups that are whole, and not the ones that were asked for: another run's, another role's, older ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import Any

from blackstart.selftest.case import Case, Copy
from blackstart.selftest.cases.backups import FILE, claimed, written
from blackstart.stack import STORES, Role


def _claiming(role: Role, **facts: Any) -> Callable[[Copy], None]:
    return lambda copy: claimed(copy.backup(role), **facts)


def _manifest_of(role: Role, other: Role) -> Callable[[Copy], None]:
    """Another role's backup, manifest and all, in this role's folder."""

    def plant(copy: Copy) -> None:
        there, theirs = copy.backup(role).folder, copy.backup(other).folder
        for name in ("artefact", "manifest.json"):
            shutil.copy(theirs / name, there / name)

    return plant


def _fresh(what: str, plant: Callable[[Copy], None], names: str, *, alone: bool = True) -> Case:
    return Case(what=what, plant=plant, found_by="backup-fresh", names=names, alone=alone)


_ANOTHER_RUN = "20200101T000000Z-x-abcdef"
_FRESH: Sequence[Case] = (
    _fresh("a dump that another run made", _claiming("database", run_id=_ANOTHER_RUN), "database: not of this run"),
    _fresh("an archive that another run made", _claiming("uploads", run_id=_ANOTHER_RUN), "uploads: not of this run"),
    _fresh("a dump from before the seed", _claiming("database", started_s=-1.0), "database: not after the seed"),
    _fresh(
        "a dump by another procedure", _claiming("database", procedure="redis-rdb"), "database: not made by pg-dump"
    ),
    _fresh(
        "a manifest of another backup",
        _claiming("database", id="database-000001.000"),
        "database: not its manifest's: backup database-000001.000",
    ),
    _fresh("a manifest without what it restores", _claiming("uploads", files=None), "uploads: not complete"),
    _fresh("a manifest of nothing", _claiming("cache", keys={}), "cache: not complete"),
    _fresh(
        "the backup of another role",
        _manifest_of("uploads", "cache"),
        "uploads: not of the role uploads: backup cache-healthy",
        alone=False,
    ),
)


def _older(role: Role, *, fitting: bool, restored: bool = False) -> Callable[[Copy], None]:
    """The artefact of an earlier backup of the same shop, in the place of the newest; and restored, if nobody asks."""

    def plant(copy: Copy) -> None:
        written(copy.backup(role), copy.earlier(role), fitting=fitting)
        if restored:
            copy.restore(role)

    return plant


_OLDER: Sequence[Case] = (
    *(
        Case(
            what=f"an older {FILE[role]} under the newest manifest",
            plant=_older(role, fitting=False),
            found_by="artefact",
            names=f"{role}: sha256 of the backup {role}-healthy",
        )
        for role in STORES
    ),
    Case(
        what="an older archive, and the newest manifest fits",
        plant=_older("uploads", fitting=True),
        found_by="parse",
        names="uploads: missing: products/",
    ),
    # Whoever reads these two finds all that their manifest lists (tables, and nothing): only what they restore tells.
    Case(
        what="an older dump, and the newest manifest fits, so that it is restored",
        plant=_older("database", fitting=True, restored=True),
        found_by="row-counts",
        names="public.orders",
    ),
    Case(
        what="an older RDB file, and the newest manifest fits, so that it is restored",
        plant=_older("cache", fitting=True, restored=True),
        found_by="redis-keys",
        names="keys: missing: cart:",
    ),
)
CASES = (*_FRESH, *_OLDER)
