"""What a run tells of its procedure: how long each phase took, what was lost, what its backups cost the shop."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from blackstart import folder, latency
from blackstart.drill_result import RunResult
from blackstart.ledger import Operation
from blackstart.record import BackupDone, RunRecord
from blackstart.stack import Role
from blackstart.verdict import PROVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the backups of one role cost before the fault; seconds and bytes, None: there were none."""

    backups: int = 0
    bytes: int | None = None
    """Of the newest complete one."""
    took_s: float | None = None
    """The median."""
    p95_during_s: float | None = None
    """How long customers waited while one was made, 95th percentile over all classes of operation."""
    p95_between_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run of a contender; durations in seconds, None: not measured."""

    run_id: str | None
    verdict: str
    exit_code: int
    reasons: tuple[str, ...]
    report: str | None
    rto_s: float | None = None
    accepting_queries_s: float | None = None
    phases: Mapping[str, float] = field(default_factory=dict)
    rpo_s: float | None = None
    """Of the shop: of its critical stores the worst."""
    role_rpo_s: float | None = None
    """Of the contender's own role, whatever its class."""
    lost: int | None = None
    acknowledged: int | None = None
    p95_before_s: float | None = None
    p95_after_s: float | None = None
    cost: Cost = field(default_factory=Cost)

    @property
    def proven(self) -> bool:
        """Whether the data is known to be right."""
        return self.verdict in PROVEN


def trial(run: RunResult, reports: Path, role: Role, *, backed_up: bool) -> Trial:
    """The figures of one run; of one that left no whole record, only its verdict.

    `backed_up`: the role's backups are the contender's own. A recovery time or point that is only known to be
    longer than something is no figure to be compared.
    """
    said = Trial(
        run_id=run.run_id, verdict=run.verdict, exit_code=run.exit_code, reasons=run.reasons, report=run.report
    )
    if run.run_id is None or run.report is None:
        return said
    path = reports / run.run_id
    stored = folder.read(path)
    verdict: Mapping[str, Any] = json.loads((path / "verdict.json").read_text())
    operations = [*stored.measured.operations, *stored.measured.reads]
    gate, t0 = _span_end(stored.record, "gate"), stored.record.marks.get("T0")
    t8, end = stored.record.marks.get("T8"), _span_begin(stored.record, "final")
    rto, rpo = verdict["rto"], verdict["rpo"]
    return replace(
        said,
        rto_s=None if rto["censored"] else rto["actual_s"],
        accepting_queries_s=rto["accepting_queries_s"],
        phases=rto["phases"] or {},
        rpo_s=None if rpo["censored"] else rpo["actual_s"],
        role_rpo_s=None if rpo["censored"] else rpo["stores"].get(role, {}).get("actual_s"),
        lost=run.lost,
        acknowledged=run.acknowledged,
        p95_before_s=_p95(operations, gate, t0),
        p95_after_s=_p95(operations, t8, end),
        cost=cost(operations, [b for b in stored.record.backups if backed_up and b.role == role], gate, t0),
    )


def cost(
    operations: Sequence[Operation], backups: Sequence[BackupDone], begin_s: float | None, end_s: float | None
) -> Cost:
    """Of the backups that completed in [begin, end]; customers' operations count as during one if they overlap it."""
    if begin_s is None or end_s is None:
        return Cost()
    made = [b for b in backups if not b.error and b.completed_s <= end_s]
    if not made:
        return Cost()
    seen = latency.succeeded(operations, begin_s, end_s)
    during = [o for o in seen if any(_overlaps(o, backup) for backup in made)]
    between = [o for o in seen if not any(_overlaps(o, backup) for backup in made)]
    return Cost(
        backups=len(made),
        bytes=made[-1].bytes,
        took_s=round(statistics.median(b.completed_s - b.started_s for b in made), 6),
        p95_during_s=latency.p95(map(latency.waited, during)),
        p95_between_s=latency.p95(map(latency.waited, between)),
    )


def median(values: Iterable[float | None]) -> float | None:
    """Of those that were measured; None if none was."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def worst(values: Iterable[float | None]) -> float | None:
    """The largest of those that were measured; None if any was not."""
    known = list(values)
    return max(v for v in known if v is not None) if known and None not in known else None


def _p95(operations: Sequence[Operation], begin_s: float | None, end_s: float | None) -> float | None:
    if begin_s is None or end_s is None:
        return None
    return latency.p95(map(latency.waited, latency.succeeded(operations, begin_s, end_s)))


def _overlaps(operation: Operation, backup: BackupDone) -> bool:
    completed = operation.completed_s
    return completed is not None and operation.invoked_s <= backup.completed_s and completed >= backup.started_s


def _span_end(record: RunRecord, name: str) -> float | None:
    return next((span.end_s for span in record.spans if span.name == name), None)


def _span_begin(record: RunRecord, name: str) -> float | None:
    return next((span.begin_s for span in record.spans if span.name == name), None)
