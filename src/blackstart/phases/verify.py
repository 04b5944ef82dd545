"""Verify behind the fence; and once more when customers have come to rest at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping

from blackstart.backups import Backup
from blackstart.checks.base import Scene, SeedEvidence
from blackstart.evidence import Observation
from blackstart.loss import assess
from blackstart.phases.stage import Busy, Stage
from blackstart.stack import STORES, Role


def verify(stage: Stage, seed: SeedEvidence, restored: Mapping[Role, Backup]) -> list[Observation]:
    """T6: everything is checked; returns what is not green, and then the fence had better stay."""
    marks = stage.journal.marks
    scene = stage.scene(seed, stage="verify", restored=restored, t0_s=marks["T0"])
    return _marked(stage, "T6", "verified behind the fence", stage.check(scene))


def smoke(stage: Stage, seed: SeedEvidence) -> list[Observation]:
    """T7: the application itself works; what is not green is returned."""
    return _marked(stage, "T7", "the application works", stage.check(stage.scene(seed, stage="resume")))


def _marked(stage: Stage, mark: str, text: str, red: list[Observation]) -> list[Observation]:
    """Set a mark if everything is green."""
    if red:
        stage.progress.say(f"{len(red)} checks are not green, first {red[0].check}: {red[0].subject}")
    else:
        stage.journal.mark(mark)
        stage.progress.say(text)
    return red


def final(stage: Stage, seed: SeedEvidence, restored: Mapping[Role, Backup], busy: Busy) -> None:
    """Customers come to rest, and everything is checked once more, against seed and ledger."""
    busy.customers.drain()
    busy.all.stop(busy.customers)
    stage.check(_final_scene(stage, seed, restored))
    busy.require_sound()


def _final_scene(stage: Stage, seed: SeedEvidence, restored: Mapping[Role, Backup]) -> Scene:
    """What was lost at the verification may stay lost; nothing else may be."""
    marks = stage.journal.marks
    path = stage.evidence / "survivors-verify.json"
    lost: dict[str, tuple[str, ...]] = {}
    if path.exists():
        survivors = json.loads(path.read_text())
        for store in STORES:
            found = assess(
                stage.writes.operations(),
                survivors[store],
                store=store,
                began_s=seed.complete_s,
                lifted_s=marks["lift"],
                t0_s=marks["T0"],
            )
            lost[store] = found.lost
    return stage.scene(seed, stage="final", restored=restored, lost_before=lost)
