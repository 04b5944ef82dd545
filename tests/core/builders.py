"""What the core's tests are made of: operations, a clock that is set by hand, and a sound run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from blackstart import folder, load, plan, stacks
from blackstart.checkers import versions
from blackstart.clock import Clock
from blackstart.engines.embedded.reader import read_stack
from blackstart.evidence import Observation, Stage
from blackstart.journal import Journal
from blackstart.ledger import Ledger, Operation, Outcome
from blackstart.objectives import Measured, Survivors
from blackstart.plan import Plan
from blackstart.record import RunRecord, fold
from blackstart.stack import STORES, Stack

SCENARIOS = Path(__file__).parents[2] / "scenarios"
BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DELETE = "delete-database-volume"
OF_A_RESTORE = ("backup-fresh", "artefact", "parse", "target-empty")
CHECKS = ("row-counts", "checksums", "uploads", "redis-keys", "ledger")

MARKS = {"T0": 30, "T0w": 30.2, "T1": 30.5, "T2": 30.5, "Tf": 31, "T3": 32, "T4": 34, "T5": 35, "T6": 37, "T7": 38}
T8 = 40.0
LIFTED = 37.5
LAST_BACKUP = 20.0


class HandClock(Clock):
    """A clock whose time is an attribute."""

    def __init__(self, t: float = 0.0) -> None:
        self.t = t
        self._base = 1000.0
        super().__init__(monotonic=lambda: self._base + self.t - t, wall=lambda: BEGAN)

    def now(self) -> float:
        """The time that was set."""
        return self.t


def operation(
    name: str,
    invoked: float,
    completed: float | None = None,
    outcome: Outcome | None = "ok",
    *,
    store: str = "database",
    op: str = "order",
    client: int = 0,
    failed: Sequence[float] = (),
) -> Operation:
    """An operation; one that was never answered has neither completion nor outcome."""
    return Operation(
        id=name,
        client=client,
        seq=1,
        store=store,
        op=op,
        invoked_s=invoked,
        value={},
        outcome=outcome if completed is not None else None,
        completed_s=completed,
        failed_attempts=tuple(failed),
    )


@cache
def shop() -> Stack:
    """The stack that ships."""
    return read_stack(stacks.folder("ecommerce") / "compose.yaml")


@cache
def make_plan(name: str = DELETE) -> Plan:
    """The plan of a shipped scenario."""
    scenario, source = load.scenario(SCENARIOS / f"{name}.yaml")
    return plan.resolve(
        scenario,
        source,
        shop(),
        nonce="c0ffee",
        began=BEGAN,
        engine="embedded",
        seed=42,
        ports={"database": 20_001, "redis": 20_002, "storefront": 20_003},
        checks={"gate": CHECKS, "verify": CHECKS, "resume": ("smoke",), "final": CHECKS},
        window_s=2.0,
        keep=False,
        versions={"blackstart": "0"},
        refusals=[None for _ in scenario.faults],
    )


def seen(
    check: str, stage: Stage, *, subject: str = "all", expected: Any = 1, actual: Any = 1, **more: Any
) -> Observation:
    """An observation, green unless told otherwise."""
    return Observation(check=check, layer=6, subject=subject, stage=stage, expected=expected, actual=actual, **more)


def play(journal: Journal, clock: HandClock, made: Plan, *, faults: bool = True) -> None:
    """Write the journal of a run in which everything went as it should."""
    by = {"environment": {"blackstart": "0"}, "checkers": dict(versions())}
    journal.write("plan", {"sha256": plan.sha256(made.to_json()), **by}, t=0.0)
    with journal.phase("up"):
        clock.t = 1.0
        journal.write("images", {"database": "postgres:17"})
    with journal.phase("seed"):
        clock.t = 5.0
        journal.write("seeded", {"public.orders": 1000, "files": 10, "keys": 5})
        journal.mark("seeded")
    with journal.phase("gate"):
        clock.t = 10.0
        _look(journal, "gate", CHECKS)
    clock.t = LAST_BACKUP
    _back_up(journal)
    if faults:
        _recover(journal, clock)
    with journal.phase("final"):
        clock.t = 45.0
        _look(journal, "final", CHECKS)
    journal.write("leftovers", {"left": []}, t=46.0)
    journal.write("end", t=46.5)


def _look(journal: Journal, stage: Stage, checks: Sequence[str], subject: str = "all") -> None:
    for check in checks:
        journal.write("observation", asdict(seen(check, stage, subject=subject)))


def _back_up(journal: Journal) -> None:
    for role in STORES:
        times = {"started_s": LAST_BACKUP - 1, "completed_s": LAST_BACKUP}
        journal.write("backup", {"role": role, "id": f"{role}-1", "cycle": 1, **times, "bytes": 9, "sha256": "ab" * 32})


def _recover(journal: Journal, clock: HandClock) -> None:
    with journal.phase("inject"):
        journal.write("injection", {"fault": "delete-volume", "target": "postgres_data"}, t=MARKS["T0"])
        journal.write("witness", {"witness": "the planted file is out of reach"}, t=MARKS["T0w"])
    with journal.phase("recover"):
        for name in ("T0", "T0w", "T1", "T2", "Tf", "T3", "T4", "T5"):
            journal.mark(name, MARKS[name])
        journal.write("chosen", {"role": "database", "id": "database-1"}, t=MARKS["Tf"])
        clock.t = MARKS["T6"]
        _look(journal, "verify", OF_A_RESTORE, subject="database")
        _look(journal, "verify", CHECKS)
        journal.mark("T6")
    with journal.phase("resume"):
        journal.mark("lift", LIFTED)
        clock.t = MARKS["T7"]
        _look(journal, "resume", ("smoke",), subject="order")
        journal.mark("T7")
        clock.t = 42.0
        journal.mark("T8", T8)
        journal.write("probe", {"resolution_s": 0.06})


def journal_lines(path: Path, name: str = DELETE) -> list[str]:
    """The lines of a sound run's journal."""
    made, clock = make_plan(name), HandClock()
    journal = Journal(path, clock)
    play(journal, clock, made, faults=bool(made.scenario.faults))
    journal.close()
    return path.read_text().splitlines(keepends=True)


def record_of(path: Path, name: str = DELETE) -> RunRecord:
    """A sound run's record."""
    return fold(journal_lines(path / "journal.jsonl", name))


def orders(until: int = 30) -> tuple[Operation, ...]:
    """An order acknowledged in each second from 11 on, none overlapping another."""
    return tuple(operation(f"o{second}", second - 0.5, second) for second in range(11, until + 1))


def measured(
    operations: Sequence[Operation] | None = None,
    *,
    lost: Sequence[str] = (),
    survivors: Survivors | Literal["all"] | None = "all",
) -> Measured:
    """What a sound run measured: every order is there but those that are said to be lost."""
    made = orders() if operations is None else operations
    if survivors == "all":
        kept = [o for o in made if o.id not in lost]
        there: Survivors = {
            **{store: [o.id for o in kept if o.store == store] for store in STORES},
            "rows": [o.id for o in kept if o.store != "cache"],
        }
        return Measured(operations=made, survivors=there)
    return Measured(operations=made, survivors=survivors)


def write_run(reports: Path, name: str = DELETE) -> Path:
    """The folder of a sound run, as a runner would have left it before it judged."""
    made, clock = make_plan(name), HandClock()
    path = folder.create(reports, made)
    journal = Journal(path / "journal.jsonl", clock)
    play(journal, clock, made, faults=bool(made.scenario.faults))
    journal.close()
    saved = write_ledger(path / "ledger.jsonl")
    survivors = {"database": saved, "uploads": [], "cache": [], "rows": saved}
    stage = "verify" if made.scenario.faults else "final"
    (path / "evidence" / f"survivors-{stage}.json").write_text(json.dumps(survivors))
    (path / "logs" / "storefront.log").write_text("started\n")
    return path


def write_ledger(path: Path) -> list[str]:
    """Twenty acknowledged orders; returns the ids of those from before the last backup."""
    clock = HandClock()
    ledger, saved = Ledger(path, clock), []
    for second in range(11, 31):
        clock.t = second - 0.5
        made = ledger.invoke(0, "database", "order", {"customer_id": second, "items": []})
        clock.t = float(second)
        ledger.complete(made, "ok", {"order_id": second})
        if second < LAST_BACKUP:
            saved.append(made.id)
    ledger.close()
    return saved
