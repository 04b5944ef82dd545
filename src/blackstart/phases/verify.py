"""Verify behind the fence; and once more when customers have come to rest at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping

import psycopg

from blackstart import readings
from blackstart.backups import Backup
from blackstart.checkers import sets
from blackstart.checks.base import SeedEvidence
from blackstart.evidence import Observation
from blackstart.evidence import Stage as Moment
from blackstart.phases.stage import Busy, Stage
from blackstart.readings import Reading
from blackstart.stack import Role


def verify(stage: Stage, seed: SeedEvidence, restored: Mapping[Role, Backup]) -> list[Observation]:
    """T6: everything is checked; returns what is not green, and then the fence had better stay."""
    marks = stage.journal.marks
    scene = stage.scene(seed, stage="verify", restored=restored, t0_s=marks["T0"], readings=_readings(stage))
    stage.recovery.doing = "verify"
    stage.check(scene)
    stage.recovery.doing = ""
    _note_customers(stage)
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
    # What was lost at the verification may stay lost; nothing else may be.
    stage.check(stage.scene(seed, stage="final", restored=restored, readings=_readings(stage)))
    busy.require_sound()


def _readings(stage: Stage) -> dict[Moment, Reading]:
    """What the ledger's check read so far; a stage at which it could not look has none."""
    stages: tuple[Moment, ...] = ("gate", "verify")
    paths = {name: stage.evidence / f"survivors-{name}.json" for name in stages}
    return {name: readings.parse(path.read_text()) for name, path in paths.items() if path.exists()}


def _note_customers(stage: Stage) -> None:
    """Who must be told of a lost order: name and address, as the restored shop knows them."""
    reading = _readings(stage).get("verify")
    operations = [o for o in stage.writes.operations() if o.op == "order"]
    lost = sets.check(operations, reading.elements["database"]).lost if reading else ()
    wanted = {o.value["customer_id"] for o in operations if o.id in lost}
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
