"""The worst recovery point to expect: what one run measured is luck, within this bound.

A write that is acknowledged just after a backup's snapshot is lost if the fault strikes just before
the next backup completes. So the worst case is the time from one backup's start to the next one's,
and that next backup's duration. For production, the measured duration is scaled by bytes: an
estimate, since what a backup costs whatever its size is scaled too, and slower disks are not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blackstart.plan import Plan
from blackstart.record import RunRecord
from blackstart.scenario import Production


@dataclass(frozen=True, slots=True, kw_only=True)
class InProduction:
    """What the drill's figures mean at the size of the real shop."""

    bytes: float
    times_drilled: float
    """How many times the drilled size that is."""
    backup_interval_s: float
    backup_s: float
    """The measured duration, scaled."""
    worst_rpo_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Worst cases, as far as one run can tell."""

    drilled_bytes: int
    """Database and uploads together, before the fault."""
    longest_backup_s: float
    """Of all complete cycles."""
    worst_rpo_s: float
    """With the drill's own interval and size."""
    production: InProduction | None


def predict(plan: Plan, record: RunRecord) -> Prediction | None:
    """None where nothing was backed up, or the size was never measured."""
    drilled = sum(record.sizes.get(role, 0) for role in ("database", "uploads"))
    durations = cycle_durations(plan, record)
    if plan.backup is None or not durations or not drilled:
        return None
    longest = max(durations.values())
    production = plan.scenario.production
    return Prediction(
        drilled_bytes=drilled,
        longest_backup_s=round(longest, 6),
        worst_rpo_s=round(worst_case(plan.backup.every, longest), 6),
        production=_scaled(production, drilled, longest) if production else None,
    )


def worst_case(interval_s: float, backup_s: float) -> float:
    """Seconds of writes; a cycle that is late starts at once, so a long backup stretches the interval."""
    return max(interval_s, backup_s) + backup_s


def cycle_durations(plan: Plan, record: RunRecord) -> Mapping[int, float]:
    """Cycle number to seconds from its first backup's start to its last one's end; complete cycles only."""
    wanted = set(plan.backup.procedures) if plan.backup else set()
    found = {}
    for number in {b.cycle for b in record.backups}:
        own = [b for b in record.backups if b.cycle == number and not b.error]
        if {b.role for b in own} == wanted:
            found[number] = max(b.completed_s for b in own) - min(b.started_s for b in own)
    return found


def _scaled(production: Production, drilled: int, longest: float) -> InProduction:
    times = production.size / drilled
    backup_s = longest * times
    return InProduction(
        bytes=production.size,
        times_drilled=round(times, 3),
        backup_interval_s=production.backup_interval,
        backup_s=round(backup_s, 3),
        worst_rpo_s=round(worst_case(production.backup_interval, backup_s), 3),
    )
