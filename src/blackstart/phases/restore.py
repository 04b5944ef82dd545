"""Restore: behind the fence, a clean place for each damaged role, and its data brought back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import psycopg

from blackstart import registry
from blackstart.activities.backup_schedule import procedure
from blackstart.backups import Backup, incomplete_since
from blackstart.checks import artefact, backup_fresh
from blackstart.checks.artefact import Artefact
from blackstart.checks.base import Kind, excluded, timed
from blackstart.checks.parse import Parse
from blackstart.errors import BlackstartError, NotConducted, NotRecovered
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.phases.stage import Busy, Stage
from blackstart.procedures.base import Aims, Procedure, replace_volume
from blackstart.scenario import ProcedureSpec
from blackstart.shop import Shop
from blackstart.stack import Role
from blackstart.waiting import poll

REAL_QUERIES = 5


@contextmanager
def fenced(stage: Stage) -> Iterator[None]:
    """The app is stopped: no customer writes to a half-restored shop. Whoever lifts it starts the app."""
    for storefront in stage.shop.storefronts:
        stage.shop.engine.stop(storefront)
    stage.journal.mark("Tf")
    stage.progress.say("fence up")
    yield


def _cycles(stage: Stage) -> Sequence[Mapping[Role, Backup]]:
    """The complete backup cycles from before the fault, newest first, of all roles that are restored from one."""
    roles = [role for role, made in _procedures(stage).items() if made.FROM_BACKUP]
    marks = stage.journal.marks  # one that was completed after a backup was spoilt would hide what must be found
    cycles = stage.backups.cycles(roles, marks.get("spoilt", marks["T0"]))
    if roles and not cycles:
        raise NotRecovered(f"there is no complete backup of {' and '.join(roles)} from before the fault")
    return cycles or ({},)


def choose(stage: Stage) -> Mapping[Role, Backup]:
    """The newest cycle; or, where a check was to find that one spoilt and does, the one before it.

    Only what a fault has struck may be passed over, and only by the check that was to find it. Whatever else is red
    of a cycle was nobody's drill, and fails the run.
    """
    cycles = _cycles(stage)
    for number, cycle in enumerate(cycles, start=1):
        seen = [each for role, backup in cycle.items() for each in _examined(stage, role, backup)]
        red = [each for each in seen if outcome(each) == "fail"]
        struck = [each for each in red if cycle[_role(each)].manifest.id in stage.spoilt]
        found = [each for each in struck if each.check == stage.spoilt[cycle[_role(each)].manifest.id]]
        if found and number < len(cycles):
            for each in red:
                stage.note(_of_a_backup(each, cycle[_role(each)]) if each in struck else each)
            for name in dict.fromkeys(cycle[_role(each)].manifest.id for each in found):
                stage.journal.write("passed over", {"id": name})
            stage.progress.say(f"passed over a spoilt backup: {found[0].check} found it")
            continue
        for each in seen:
            stage.note(each)
        break
    cycle = {role: _aimed(stage, role, backup) for role, backup in cycle.items()}
    for role, backup in cycle.items():
        stage.journal.write("chosen", {"role": role, "id": backup.manifest.id})
        (stage.evidence / f"backup-{role}.json").write_text(backup.manifest.to_json())
    return cycle


def _of_a_backup(seen: Observation, backup: Backup) -> Observation:
    """What was found of a backup that was struck, which it names: it is a detection, and no part of the recovery."""
    name = backup.manifest.id
    said = tuple(text if name in text else f"backup {name}: {text}" for text in seen.differences)
    return replace(seen, stage="detect", differences=said)


def _role(seen: Observation) -> Role:
    """What is observed of a backup has its role as its subject."""
    return cast("Role", seen.subject)


def _aimed(stage: Stage, role: Role, backup: Backup) -> Backup:
    made = _procedures(stage)[role]
    return made.aimed(backup, stage.shop, stage.clock, stage.journal.marks["T0"]) if isinstance(made, Aims) else backup


def _examined(stage: Stage, role: Role, backup: Backup) -> Iterator[Observation]:
    marks, made = stage.journal.marks, _procedures(stage)[role]
    yield from timed(trust_and_examine(stage.shop, role, made, backup, seeded_s=marks["seeded"], t0_s=marks["T0"]))


def undisturbed(stage: Stage, busy: Busy) -> None:
    """No backup of a damaged role goes on any more; one of another store may take its time."""
    if busy.backups is None:
        return
    backups, damaged = busy.backups, stage.plan.damaged
    if not poll(lambda: backups.under_way is None or backups.under_way.role not in damaged, within_s=remaining(stage)):
        raise NotRecovered("a backup that was under way did not end")


def provision(stage: Stage, heal: Callable[[], None], *, again: bool) -> None:
    """T3: what can be repaired is, and every damaged role has a clean place to come back to.

    `again`: an earlier attempt left it half full, so nothing of it is built on.
    """
    scenario = stage.plan.scenario
    ruined = {role for fault in scenario.faults for role in fault.ruins(stage.plan.stack)}
    with as_recovery("provisioning"):
        heal()
        for role, made in _procedures(stage).items():
            if made.FROM_BACKUP and (again or role in ruined):
                replace_volume(stage.shop, role)
            made.provision(stage.shop, role)
    stage.journal.mark("T3")


def restore(stage: Stage) -> Mapping[Role, Backup]:
    """T4: the data of every damaged role is back, databases first; returns the backups that it came from."""
    with as_recovery("restoring"):
        chosen = choose(stage)
        for role, made in _procedures(stage).items():
            for observation in _wanted(stage.shop, made.restore(stage.shop, role, chosen.get(role))):
                stage.note(observation)
                stage.recovery.doing = "restore"  # the place is empty, and data is about to come
            stage.recovery.doing = ""
            stage.journal.mark(f"T4.{role}")
            stage.progress.say(f"restored {role} by {made.NAME}")
    stage.journal.mark("T4")
    return chosen


def start_over(stage: Stage, why: str) -> None:
    """The recovery was struck itself: nothing seen of it counts any more."""
    stage.recovery.doing = ""
    stage.journal.write("started over", {"why": why})
    stage.red.clear()
    stage.progress.say(f"starting over: {why}")


def trust_and_examine(
    shop: Shop, role: Role, made: Procedure, backup: Backup, *, seeded_s: float, t0_s: float
) -> Iterator[Observation]:
    """Layers 0 to 2: the backup is what was asked for, the artefact is what was made, and it can be read.

    The tools that read an artefact live beside the server, so there must be one.
    """
    yield backup_fresh.observed(
        backup,
        role,
        run_id=shop.plan.run_id,
        procedure=made.NAME,
        seeded_s=seeded_s,
        t0_s=t0_s,
        passed_over=incomplete_since(backup),
    )
    yield from _unless_left_out(shop, Artefact, role, artefact.observed(backup, role))
    yield from _unless_left_out(shop, Parse, role, made.examine(backup, shop))


def _unless_left_out(
    shop: Shop, check: type[Kind], role: Role, observations: Iterator[Observation]
) -> Iterator[Observation]:
    """What a check sees; or, if the scenario leaves it out, that it does, and nothing is looked at."""
    why = shop.plan.scenario.verify.exclude.get(check.NAME)
    if why is None:
        yield from observations
    else:
        yield excluded(check, role, "verify", why)


def _wanted(shop: Shop, observations: Iterator[Observation]) -> Iterator[Observation]:
    """What a restore observes, which goes on whatever the scenario leaves out."""
    left_out = shop.plan.scenario.verify.exclude
    for seen in observations:
        why = left_out.get(seen.check)
        yield seen if why is None else excluded(registry.checks()[seen.check], seen.subject, "verify", why)


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
