"""Verify behind the fence; and once more when customers have come to rest at the end."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import psycopg

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
    stage.check(scene)
    _note_customers(stage, _lost(stage, seed, lifted_s=float("inf")).get("database", ()))
    return _marked(stage, "T6", "verified behind the fence", stage.red)


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
    lifted_s = stage.journal.marks.get("lift", float("inf"))
    lost = _lost(stage, seed, lifted_s=lifted_s)
    return stage.scene(seed, stage="final", restored=restored, lost_before=lost, bare_before=_bare(stage))


def _bare(stage: Stage) -> frozenset[str]:
    """Uploads that had their row at the verification, and not their file."""
    path = stage.evidence / "survivors-verify.json"
    if not path.exists():
        return frozenset()
    survivors = json.loads(path.read_text())
    return frozenset(survivors["rows"]) - frozenset(survivors["database"]) - frozenset(survivors["uploads"])


def _lost(stage: Stage, seed: SeedEvidence, *, lifted_s: float) -> dict[str, tuple[str, ...]]:
    """By store, the acknowledged operations that the verification did not find; empty if there was none."""
    path = stage.evidence / "survivors-verify.json"
    if not path.exists():
        return {}
    survivors, operations = json.loads(path.read_text()), stage.writes.operations()
    began_s, t0_s = seed.complete_s, stage.journal.marks["T0"]
    return {
        store: assess(operations, survivors[store], store=store, began_s=began_s, lifted_s=lifted_s, t0_s=t0_s).lost
        for store in STORES
    }


def _note_customers(stage: Stage, lost: Collection[str]) -> None:
    """Who must be told of a lost order: name and address, as the restored shop knows them."""
    wanted = {o.value["customer_id"] for o in stage.writes.operations() if o.id in lost}
    if not wanted:
        return
    query = "SELECT customer_id, full_name, email FROM customers WHERE customer_id = ANY(%s)"
    try:
        with stage.shop.database() as connection:
            rows = connection.execute(query, (sorted(wanted),)).fetchall()
    except psycopg.Error:
        return  # the checks have said that the customers are gone
    found = {str(number): [name, email] for number, name, email in rows}
    (stage.evidence / "lost-customers.json").write_text(json.dumps(found, ensure_ascii=False))
