"""The ticker: counts, for those who watch, what customers do and what they stand to lose."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from pathlib import Path

from blackstart.activities.backup_schedule import BackupSchedule
from blackstart.journal import Journal
from blackstart.ledger import Ledger, Operation
from blackstart.progress import Progress, Trade
from blackstart.stack import STORES

EVERY_S = 0.5
RATE_OVER_S = 3.0


class Tally:
    """When a ledger's operations were acknowledged; each look reads only what was open or is new."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen = 0
        self._open: list[int] = []
        self._times: list[float] = []

    @property
    def count(self) -> int:
        """How many were acknowledged until the last look."""
        return len(self._times)

    def since(self, t: float) -> int:
        """How many of them at `t` or later."""
        return len(self._times) - bisect_left(self._times, t)

    def look(self) -> tuple[Operation, ...]:
        """Read on; returns the ledger's operations."""
        operations = self._ledger.operations()
        new = [*self._open, *range(self._seen, len(operations))]
        self._seen = len(operations)
        self._open = [n for n in new if operations[n].outcome is None]
        # What was open at the last look was acknowledged after it, so all times stay in order.
        self._times += sorted(operations[n].completed_s or 0.0 for n in new if operations[n].acknowledged)
        return operations


class Ticker:
    """Twice a second it hands the newest figures to the run's progress."""

    name = "ticker"

    def __init__(
        self,
        *,
        writes: Ledger,
        reads: Ledger,
        backups: BackupSchedule | None,
        journal: Journal,
        evidence: Path,
        progress: Progress,
    ) -> None:
        self._writes = Tally(writes)
        self._reads = Tally(reads)
        self._backups = backups
        self._journal = journal
        self._survivors = evidence / "survivors-verify.json"
        self._progress = progress
        self._lost: int | None = None

    def run(self, stop: threading.Event) -> None:
        """Count until told to stop."""
        while not stop.wait(EVERY_S):
            self._progress.trade(self._figures())

    def _figures(self) -> Trade:
        operations = self._writes.look()
        self._reads.look()
        late = self._journal.clock.now() - RATE_OVER_S
        injected = "T0" in self._journal.marks
        protected = self._backups.protected_s if self._backups else 0.0
        if self._lost is None and injected:
            self._lost = self._count_lost(operations)
        return Trade(
            per_second=(self._writes.since(late) + self._reads.since(late)) / RATE_OVER_S,
            acknowledged=self._writes.count,
            at_risk=None if injected else self._writes.since(protected),
            lost=self._lost,
        )

    def _count_lost(self, operations: tuple[Operation, ...]) -> int | None:
        """Acknowledged by the damaged shop, and not among the survivors; None until those were counted."""
        try:
            read = json.loads(self._survivors.read_text())
        except (FileNotFoundError, ValueError):  # not there yet, or half written
            return None
        survivors: dict[str, frozenset[str]] = {store: frozenset(read[store]) for store in STORES}
        # Behind the fence nothing is acknowledged, so until it is lifted every acknowledgement came before.
        lifted = self._journal.marks.get("lift", self._journal.clock.now())
        return sum(
            o.acknowledged and (o.completed_s or 0.0) <= lifted and o.id not in survivors[o.store] for o in operations
        )
