"""What every check is, and what it is shown."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
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
from blackstart.readings import Reading
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
    contents: Mapping[str, str] = field(default_factory=dict)
    """BLAKE3 of each file's bytes to the SHA-256 that the database has of them."""


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
    readings: Mapping[Stage, Reading] = field(default_factory=dict)
    """What the ledger's check read at the stages before, in their order."""
    _files: list[Files] = field(default_factory=list)

    @property
    def bare_before(self) -> frozenset[str]:
        """Uploads whose row was there at the verification, and whose file was not."""
        reading = self.readings.get("verify")
        return frozenset(reading.numbers["uploads"].keys() - reading.elements["uploads"]) if reading else frozenset()

    def backup_of(self, role: Role) -> Backup | None:
        """The backup that a role must equal now; None: it must follow from the seed and the ledger."""
        backup = self.restored.get(role) if self.stage == "verify" else None
        return backup if backup and backup.manifest.exact else None

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


class Kind(Protocol):
    """What has a name and a layer: a check, or what is observed while data comes back.

    The latter has no stages and no `observe`: the recovery and its procedures look, each at what it has at hand.
    """

    NAME: ClassVar[str]
    LAYER: ClassVar[int]
    STAGES: ClassVar[Sequence[Stage]]


class Check(Kind, Protocol):
    """One kind of look at the shop."""

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """What there is beside what there should be; raises if it cannot look."""
        ...


def run(check: type[Check], scene: Scene) -> list[Observation]:
    """A check's observations; if it cannot look, that is an observation too, and never a pass."""
    found: list[Observation] = []
    error = ""
    try:
        found.extend(timed(check().observe(scene)))
        error = "" if found else "it observed nothing"
    except UNREACHABLE as problem:
        if scene.stage != "gate":  # after a recovery, a store that does not answer is what was to be found out
            said = f"{type(problem).__name__}: {first_line(problem)}"
            return [*found, observation(check, scene, "reached", expected="an answer", actual=said)]
        error = f"{type(problem).__name__}: {first_line(problem)}"
    except Exception as problem:  # noqa: BLE001 -- a check that fails to run must not end the run
        error = f"{type(problem).__name__}: {first_line(problem)}"
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


def timed(observations: Iterator[Observation]) -> Iterator[Observation]:
    """Each with the seconds since the one before it."""
    began = time.monotonic()
    for seen in observations:
        now = time.monotonic()
        yield replace(seen, took_s=round(now - began, 6))
        began = now


def first_line(problem: Exception) -> str:
    """What an error says, without its details."""
    return (str(problem).strip().splitlines() or [""])[0]


def of_stage(stage: Stage) -> list[type[Check]]:
    """The checks of a stage, weak to strong."""
    checks: list[type[Check]] = sorted(registry.checks().values(), key=lambda c: (c.LAYER, c.NAME))
    return [check for check in checks if stage in check.STAGES]


def run_all(scene: Scene) -> Iterator[Observation]:
    """Every check of the scene's stage, weak to strong; one that the scenario leaves out says so, and why."""
    left_out = scene.shop.plan.scenario.verify.exclude
    for check in of_stage(scene.stage):
        if check.NAME in left_out:
            yield excluded(check, "all of it", scene.stage, left_out[check.NAME])
        else:
            yield from run(check, scene)


def excluded(check: type[Kind], subject: str, stage: Stage, why: str) -> Observation:
    """What stands in the place of a check that a scenario leaves out."""
    return Observation(
        check=check.NAME,
        layer=check.LAYER,
        subject=subject,
        stage=stage,
        expected=None,
        actual=None,
        not_applicable=f"left out by the scenario: {why}",
    )


def while_restoring(check: type[Kind], subject: str, *, expected: Any, actual: Any, **more: Any) -> Observation:
    """What a check of the layers 0 to 3 saw, behind the fence, before or while data came back."""
    return Observation(
        check=check.NAME, layer=check.LAYER, subject=subject, stage="verify", expected=expected, actual=actual, **more
    )


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
