"""Restore: behind the fence, a clean place for each damaged role, and its data brought back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from blackstart.activities.backup_schedule import procedure
from blackstart.backups import Backup, digest
from blackstart.errors import BlackstartError, NotConducted, NotRecovered
from blackstart.phases.stage import Busy, Stage
from blackstart.procedures.base import Procedure, seen
from blackstart.scenario import ProcedureSpec
from blackstart.stack import Role
from blackstart.waiting import poll

REAL_QUERIES = 5


@contextmanager
def fenced(stage: Stage) -> Iterator[None]:
    """The app is stopped: no customer writes to a half-restored shop. Whoever lifts it starts the app."""
    stage.shop.engine.stop(stage.shop.service("app"))
    stage.journal.mark("Tf")
    stage.progress.say("fence up")
    yield


def choose(stage: Stage) -> Mapping[Role, Backup]:
    """The newest complete backups from before the fault, of all roles that are restored from one."""
    roles = [role for role, made in _procedures(stage).items() if made.FROM_BACKUP]
    chosen = stage.backups.newest_cycle(roles, stage.journal.marks["T0"])
    if roles and not chosen:
        raise NotRecovered(f"there is no complete backup of {' and '.join(roles)} from before the fault")
    for role, backup in chosen.items():
        stage.journal.write("chosen", {"role": role, "id": backup.manifest.id})
        shutil.copy(backup.folder / "manifest.json", stage.evidence / f"backup-{role}.json")
        _trust(stage, role, backup)
    return chosen


def undisturbed(stage: Stage, busy: Busy) -> None:
    """No backup of a damaged role goes on any more; one of another store may take its time."""
    if busy.backups is None:
        return
    backups, damaged = busy.backups, stage.plan.damaged
    if not poll(lambda: backups.under_way is None or backups.under_way.role not in damaged, within_s=remaining(stage)):
        raise NotRecovered("a backup that was under way did not end")


def provision(stage: Stage) -> None:
    """T3: every damaged role has a clean place to come back to."""
    with as_recovery("provisioning"):
        for role, made in _procedures(stage).items():
            made.provision(stage.shop, role)
    stage.journal.mark("T3")


def restore(stage: Stage, chosen: Mapping[Role, Backup]) -> None:
    """T4: the data of every damaged role is back, databases first."""
    with as_recovery("restoring"):
        for role, made in _procedures(stage).items():
            backup = chosen.get(role)
            # The tools that read an artefact live beside the server, so there must be one.
            examined = made.examine(backup, stage.shop) if backup else ()
            for observation in (*examined, *made.restore(stage.shop, role, backup)):
                stage.note(observation)
            stage.journal.mark(f"T4.{role}")
            stage.progress.say(f"restored {role} by {made.NAME}")
    stage.journal.mark("T4")


def started(stage: Stage) -> None:
    """T5: out of recovery, and several real queries in a row are answered."""
    in_a_row = 0

    def answered() -> bool:
        nonlocal in_a_row
        try:
            with stage.shop.database() as connection:
                row = connection.execute("SELECT pg_is_in_recovery(), count(*) > 0 FROM pg_class").fetchone()
        except psycopg.OperationalError:
            row = None
        in_a_row = in_a_row + 1 if row == (False, True) else 0
        return in_a_row >= REAL_QUERIES

    if not poll(answered, within_s=remaining(stage)):
        raise NotRecovered("the database did not answer queries before the recovery deadline")
    stage.journal.mark("T5")


def remaining(stage: Stage) -> float:
    """Seconds until the recovery deadline."""
    return max(0.0, stage.journal.marks["T0"] + stage.plan.deadline_s - stage.clock.now())


def _procedures(stage: Stage) -> dict[Role, Procedure]:
    """Each damaged role's procedure, in backup order."""
    restore_spec = stage.plan.scenario.restore
    specs: Mapping[Role, ProcedureSpec] = restore_spec.procedures if restore_spec else {}
    return {role: procedure(specs[role]) for role in stage.plan.damaged}


def _trust(stage: Stage, role: Role, backup: Backup) -> None:
    """Layers 0 and 1: made in this run, before the fault, and what its manifest says it is."""
    manifest = backup.manifest
    facts: dict[str, Any] = {
        "complete": manifest.role == role and manifest.bytes > 0,
        "after the seed": manifest.started_s >= stage.journal.marks["seeded"],
        "before the fault": manifest.completed_s <= stage.journal.marks["T0"],
    }
    stage.note(seen("backup-fresh", 0, role, expected=dict.fromkeys(facts, True), actual=facts))
    size, sha256 = digest(backup.artefact)
    expected = {"bytes": manifest.bytes, "sha256": manifest.sha256}
    stage.note(seen("artefact", 1, role, expected=expected, actual={"bytes": size, "sha256": sha256}))


@contextmanager
def as_recovery(what: str) -> Iterator[None]:
    """Within the recovery, means that fail are a shop that does not come back."""
    try:
        yield
    except NotConducted as error:
        raise NotRecovered(f"{what} failed: {error.message}", hint=error.hint) from error
    except BlackstartError:
        raise
    except Exception as error:
        raise NotRecovered(
            f"{what} failed: {type(error).__name__}: {error}", hint="see journal.jsonl and logs/"
        ) from error
