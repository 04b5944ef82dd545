"""The whole ladder on a spoilt copy: the very checks of a drill, weak to strong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from blackstart.activities.backup_schedule import procedure
from blackstart.backups import Backup, BackupStore
from blackstart.checks.base import Scene, of_stage, run
from blackstart.clock import Clock
from blackstart.evidence import Observation, Stage
from blackstart.ledger import Ledger, Operation
from blackstart.phases import restore
from blackstart.selftest.bench import Bench
from blackstart.selftest.case import Case
from blackstart.selftest.copy import SpoiltCopy
from blackstart.stack import Role

OF_THE_DATABASE = ("physical", "catalog", "sequences", "negative-control")
"""Checks that look at nothing else."""


class Rewritten(Ledger):
    """A ledger as a case left it; nobody writes to it."""

    def __init__(self, path: Path, clock: Clock, operations: list[Operation]) -> None:
        super().__init__(path, clock)
        self._rewritten = tuple(operations)

    def operations(self) -> tuple[Operation, ...]:
        """What the case left."""
        return self._rewritten


def observe(bench: Bench, case: Case, copy: SpoiltCopy, folder: Path) -> list[Observation]:
    """All that the checks of a drill observe of a copy; where nothing was restored from spoilt backups, of those."""
    of_backups = list(_backups(bench, copy)) if "backups" in copy.touched else []
    if of_backups and not copy.restored:
        return of_backups
    return [*of_backups, *(seen for each in copy.restored.values() for seen in each), *_shop(bench, case, copy, folder)]


def _shop(bench: Bench, case: Case, copy: SpoiltCopy, folder: Path) -> list[Observation]:
    """What the checks observe of the stores."""
    (folder / "evidence").mkdir()
    writes = Rewritten(folder / "ledger.jsonl", bench.stage.clock, copy.operations)
    try:
        if case.explained_by == "backup":
            return list(_looked(_scene(bench, writes, folder, "verify", bench.restored), copy))
        stages: tuple[Stage, ...] = ("verify", "final")
        return [seen for stage in stages for seen in _looked(_scene(bench, writes, folder, stage, {}), copy)]
    finally:
        writes.close()


def _looked(scene: Scene, copy: SpoiltCopy) -> Iterator[Observation]:
    """Every check of the stage; those of the database alone not again where a case spoilt something else."""
    elsewhere = copy.touched and "database" not in copy.touched
    for check in of_stage(scene.stage):
        if not (elsewhere and check.NAME in OF_THE_DATABASE):
            yield from run(check, scene)


def _scene(bench: Bench, writes: Ledger, folder: Path, stage: Stage, restored: Mapping[Role, Backup]) -> Scene:
    """What the checks are shown."""
    # Without a backup it is what a crash leaves.
    damaged = tuple(bench.restored) if restored else ("database",)
    return Scene(
        shop=replace(bench.shop, plan=replace(bench.shop.plan, damaged=damaged)),
        stage=stage,
        seed=bench.seed,
        writes=writes,
        reads=bench.stage.reads,
        evidence=folder / "evidence",
        began=bench.stage.clock.began,
        restored=restored,
    )


def _backups(bench: Bench, copy: SpoiltCopy) -> Iterator[Observation]:
    """Layers 0 to 2 of the backups that a recovery would choose now."""
    spec, now = bench.stage.plan.backup, bench.stage.clock.now()
    assert spec is not None
    roles = list(bench.restored)
    chosen = next(iter(BackupStore(copy.backups()).cycles(roles, now)), {})
    for role in roles:
        made = procedure(spec.procedures[role])
        if role in chosen:
            yield from restore.trust_and_examine(
                bench.shop, role, made, chosen[role], seeded_s=bench.seed.complete_s, t0_s=now
            )
