"""The plot of one run, and the only module that knows its order.

up → seed → fingerprint → customers on → backups → gate
   → inject + witness → detect → decide → FENCE → provision → restore → start → verify → LIFT → resume
   → drain → check once more → down → judge → report
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from blackstart import checkers, folder, lever, signals
from blackstart.activities import Activities
from blackstart.activities.backup_schedule import BackupSchedule, procedure
from blackstart.activities.customers import Customers
from blackstart.activities.probe import Probe
from blackstart.activities.ticker import Ticker
from blackstart.backups import Backup, BackupStore
from blackstart.checks.base import SeedEvidence
from blackstart.clock import Clock
from blackstart.engines.base import Engine, EngineKind
from blackstart.errors import BlackstartError, Interrupted, NotConducted, NotRecovered, Refused
from blackstart.evidence import Observation
from blackstart.faults.base import Arranges
from blackstart.hosting import hosted
from blackstart.journal import Journal
from blackstart.ledger import Ledger
from blackstart.phases import detect, gate, restore, resume, seed, verify
from blackstart.phases.inject import Injections
from blackstart.phases.stage import Busy, Stage
from blackstart.plan import Plan, sha256
from blackstart.procedures.base import Accompanied
from blackstart.progress import Progress
from blackstart.seeding.scale import scale_of
from blackstart.shop import Shop
from blackstart.stack import Role
from blackstart.state import StateFolder
from blackstart.verdict import Verdict
from blackstart.waiting import poll

CALM_WITHIN_S = 300.0


def run(plan: Plan, kind: EngineKind, reports: Path, *, clock: Clock, progress: Progress) -> Verdict:
    """Carry out a plan; whatever happens, the verdict is written and nothing of ours stays."""
    with signals.raised(), lever.watched():
        return _run(plan, kind, reports, clock, progress)


def _run(plan: Plan, kind: EngineKind, reports: Path, clock: Clock, progress: Progress) -> Verdict:
    try:
        state = StateFolder.create(plan.run_id)
    except OSError as error:
        raise Refused(f"no state folder can be made: {error}", hint="XDG_STATE_HOME names another place") from error
    try:
        path = folder.create(reports, plan)
    except OSError as error:
        state.remove()
        raise Refused(f"no report can be written: {error}", hint="use --reports DIR") from error
    journal = Journal(path / "journal.jsonl", clock, watch=progress.phase)
    by = {"environment": dict(plan.versions), "checkers": dict(checkers.versions())}
    journal.write("plan", {"sha256": sha256(plan.to_json()), **by})
    progress.say(f"run {plan.run_id} on the engine {plan.engine}")
    left: list[str] = []
    try:
        with _noted(journal, path), hosted(plan, kind, state, path, journal, left) as engine:
            _conduct(plan, engine, state, journal, path, progress)
    except (BlackstartError, Interrupted) as error:
        progress.say(f"stopped: {str(error).splitlines()[0]}")
    # From here on a signal asks for what is being done anyway.
    with signals.held():
        journal.write("end")
        journal.close()
        if plan.keep or left:
            state.unlock()  # whoever sweeps needs it
        else:
            state.remove()
        return folder.judge_and_render(path)


def _conduct(plan: Plan, engine: Engine, state: StateFolder, journal: Journal, path: Path, progress: Progress) -> None:
    """Bring the shop up and play the scenario."""
    second = state.work / "backups-elsewhere" if plan.backup and plan.backup.second_place else None
    backups = BackupStore(state.work / "backups", second)
    shop = Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=backups)
    for fault in plan.scenario.faults:
        if isinstance(fault, Arranges):
            fault.arrange(shop)
    with journal.phase("up"):
        engine.up()
        journal.write("images", engine.images())
        progress.say("the shop is up")
    stage = Stage(
        plan=plan,
        shop=shop,
        journal=journal,
        state=state,
        writes=Ledger(path / "ledger.jsonl", journal.clock),
        reads=Ledger(path / "reads.jsonl", journal.clock),
        backups=backups,
        evidence=path / "evidence",
        progress=progress,
    )
    with journal.phase("seed"):
        base = seed.seed(stage)
    try:
        with Activities(journal) as activities:
            _play(stage, base, _begin(stage, activities))
    finally:
        progress.doing("removing the shop")
        stage.writes.close()
        stage.reads.close()


def _begin(stage: Stage, activities: Activities) -> Busy:
    """Customers on, probe on, backups on."""
    plan, workload = stage.plan, stage.plan.scenario.workload
    customers = Customers(
        stage.shop.urls,
        scale_of(plan.scenario.seed),
        plan.seed,
        customers=workload.customers,
        operations_per_second=workload.operations_per_second,
        writes=stage.writes,
        reads=stage.reads,
    )
    schedule = BackupSchedule(stage.shop, plan, stage.backups, stage.journal) if plan.backup else None
    activities.start(
        Ticker(
            writes=stage.writes,
            reads=stage.reads,
            backups=schedule,
            journal=stage.journal,
            evidence=stage.evidence,
            progress=stage.progress,
        )
    )
    made = [procedure(spec) for spec in plan.backup.procedures.values()] if plan.backup else []
    companions = [activities.start(m.companion(stage.shop, stage.clock)) for m in made if isinstance(m, Accompanied)]
    return Busy(
        all=activities,
        companions=tuple(companions),
        customers=activities.start(customers),
        probe=activities.start(Probe(stage.shop.url, stage.clock)),
        backups=activities.start(schedule) if schedule else None,
    )


def _play(stage: Stage, base: SeedEvidence, busy: Busy) -> None:
    """From the gate to the last check."""
    journal = stage.journal
    with journal.phase("gate"):
        gate.gate(stage, base, busy)
        through = stage.clock.now()
    if not stage.plan.scenario.faults:
        with journal.phase("calm"):
            _calm(stage, busy)
            verify.final(stage, base, {}, busy)
        return
    injections = Injections(stage, busy)
    with journal.phase("inject"):
        injections.inject()
    with journal.phase("detect"):
        detect.detected(stage, base, busy)
        detect.decided(stage)
    with journal.phase("recover"), restore.fenced(stage):
        restore.undisturbed(stage, busy)
        chosen, red = _recover(stage, base, busy, injections)
    if red:
        return  # nobody opens a shop whose data is wrong; the judge says why
    with journal.phase("resume"):
        resume.lift(stage)
        if not verify.smoke(stage, base):
            resume.resumed(stage, busy, through)
    with journal.phase("final"):
        verify.final(stage, base, chosen, busy)


def _recover(
    stage: Stage, base: SeedEvidence, busy: Busy, injections: Injections
) -> tuple[Mapping[Role, Backup], list[Observation]]:
    """The backups that the data came from, and what is not green; a recovery that is struck itself starts over."""
    busy.all.start(injections)
    while True:
        before = injections.in_recovery
        try:
            restore.provision(stage, injections.heal, again=before > 0)
            chosen = restore.restore(stage)
            restore.started(stage)
            red = verify.verify(stage, base, chosen)
            why = f"{red[0].check} was red" if red else ""
        except NotRecovered as error:
            if injections.in_recovery == before:
                raise
            why = error.message
        if injections.in_recovery == before:
            busy.all.stop(injections)
            return chosen, red
        injections.settle()  # green or not: what has struck is in force until the next attempt takes it back
        restore.start_over(stage, why or "a fault has struck in the middle of it")


def _calm(stage: Stage, busy: Busy) -> None:
    """Without a fault: until two backup cycles are through, or some seconds of trade."""
    began = stage.clock.now()

    def enough() -> bool:
        busy.require_sound()
        if busy.backups is not None:
            return busy.backups.cycles >= 2
        return stage.clock.now() - began >= 5.0

    within_s = CALM_WITHIN_S + 3 * (busy.backups.every_s if busy.backups else 0.0)
    if not poll(enough, within_s=within_s):
        raise NotConducted(f"two backup cycles did not complete within {within_s:.0f} s")
    if busy.backups is not None:
        busy.all.stop(busy.backups)


@contextmanager
def _noted(journal: Journal, path: Path) -> Iterator[None]:
    """Whatever ends the plot early is written down before anything is cleaned up."""
    try:
        yield
    except (BlackstartError, Interrupted) as error:
        journal.write("stopped", {"kind": type(error).__name__, "message": str(error).splitlines()[0]})
        raise
    except BaseException as error:
        journal.write("stopped", {"kind": "Bug", "message": f"{type(error).__name__}: {error}"})
        (path / "logs" / "crash.txt").write_text(traceback.format_exc())
        raise NotConducted(f"a bug of ours: {type(error).__name__}: {error}", hint="see logs/crash.txt") from error
