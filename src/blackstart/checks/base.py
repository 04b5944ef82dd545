"""What every check is, and what it is shown."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import httpx
import psycopg
import redis

from blackstart import registry
from blackstart.backups import Backup
from blackstart.evidence import (
    DatabaseFingerprint,
    FileFingerprint,
    Files,
    KeyFingerprint,
    Keys,
    Observation,
    Stage,
    shorten,
)
from blackstart.ledger import Ledger, Operation
from blackstart.observe import files
from blackstart.shop import Shop
from blackstart.stack import Role

UNREACHABLE = (psycopg.OperationalError, redis.ConnectionError, redis.TimeoutError, httpx.TransportError)
"""A store or the app does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedEvidence:
    """The shop as seeded, before the first customer."""

    complete_s: float
    database: DatabaseFingerprint
    stock: Mapping[int, int]
    """Product id to its stock."""
    files: Mapping[str, FileFingerprint]
    keys: Mapping[str, KeyFingerprint]
    counters: Mapping[str, int]
    """View counter keys to their value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a check may look at: the running shop, and all that is known about how it should be."""

    shop: Shop
    stage: Stage
    seed: SeedEvidence
    writes: Ledger
    reads: Ledger
    evidence: Path
    began: datetime
    """When the ledger's clock began, UTC."""
    restored: Mapping[Role, Backup] = field(default_factory=dict)
    """The backups that roles were restored from."""
    t0_s: float = float("inf")
    lost_before: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By store, what was found lost at the verification."""
    bare_before: Collection[str] = ()
    """Uploads whose row was there at the verification, and whose file was not."""
    _files: list[Files] = field(default_factory=list)

    def backup_of(self, role: Role) -> Backup | None:
        """The backup that a role must equal now; None: it must follow from the seed and the ledger."""
        return self.restored.get(role) if self.stage == "verify" else None

    def artefact_began_s(self, store: str) -> float:
        """When the archive that the uploads were restored from was begun: it is no snapshot."""
        backup = self.restored.get("uploads") if store == "uploads" else None
        return backup.manifest.started_s if backup else float("inf")

    def files(self) -> Files:
        """The uploads volume's files; read once, since nobody writes while a stage is checked."""
        if not self._files:
            self._files.append(files.of_volume(self.shop.engine, self.shop.volume("uploads")))
        return self._files[0]

    def operations(self, op: str) -> dict[str, Operation]:
        """The operations of one class by id."""
        return {o.id: o for o in self.writes.operations() if o.op == op}

    def expected_tables(self) -> DatabaseFingerprint:
        """The fingerprints that tables must have now."""
        backup = self.backup_of("database")
        return backup.manifest.database if backup and backup.manifest.database else self.seed.database

    def expected_files(self) -> Files | None:
        """The exact files, if uploads were restored from a backup."""
        backup = self.backup_of("uploads")
        return backup.manifest.files if backup else None

    def expected_keys(self) -> Keys | None:
        """The exact keys, if the cache was restored from a backup."""
        backup = self.backup_of("cache")
        return backup.manifest.keys if backup else None


class Check(Protocol):
    """One kind of look at the shop."""

    NAME: ClassVar[str]
    LAYER: ClassVar[int]
    STAGES: ClassVar[Sequence[Stage]]

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """What there is beside what there should be; raises if it cannot look."""
        ...


def run(check: type[Check], scene: Scene) -> list[Observation]:
    """A check's observations; if it cannot look, that is an observation too, and never a pass."""
    found: list[Observation] = []
    error = ""
    try:
        found.extend(_timed(check().observe(scene)))
        error = "" if found else "it observed nothing"
    except UNREACHABLE as problem:
        if scene.stage != "gate":  # after a recovery, a store that does not answer is what was to be found out
            said = f"{type(problem).__name__}: {_first_line(problem)}"
            return [*found, observation(check, scene, "reached", expected="an answer", actual=said)]
        error = f"{type(problem).__name__}: {_first_line(problem)}"
    except Exception as problem:  # noqa: BLE001 -- a check that fails to run must not end the run
        error = f"{type(problem).__name__}: {_first_line(problem)}"
    if not error:
        return found
    blank = Observation(
        check=check.NAME,
        layer=check.LAYER,
        subject="",
        stage=scene.stage,
        expected=None,
        actual=None,
        error=error,
    )
    return [*found, blank]


def _timed(observations: Iterator[Observation]) -> Iterator[Observation]:
    """Each with the seconds since the one before it."""
    began = time.monotonic()
    for seen in observations:
        now = time.monotonic()
        yield replace(seen, took_s=round(now - began, 6))
        began = now


def _first_line(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [""])[0]


def run_all(scene: Scene) -> Iterator[Observation]:
    """Every check of the scene's stage, weak to strong."""
    checks: list[type[Check]] = sorted(registry.checks().values(), key=lambda c: (c.LAYER, c.NAME))
    for check in checks:
        if scene.stage in check.STAGES:
            yield from run(check, scene)


def observation(
    check: type[Check],
    scene: Scene,
    subject: str,
    *,
    expected: Any,
    actual: Any,
    differences: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> Observation:
    """An observation of a check on a scene, its lists shortened."""
    return Observation(
        check=check.NAME,
        layer=check.LAYER,
        subject=subject,
        stage=scene.stage,
        expected=expected,
        actual=actual,
        differences=shorten(differences),
        differing=len(differences),
        warnings=shorten(warnings),
    )


def canonical(value: Any) -> bytes:
    """A value as the shop stores it in Redis."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def now_ms() -> int:
    """Unix time in milliseconds, for comparing with absolute expiries."""
    return int(time.time() * 1000)
