"""The two measurements beside their objectives: recovery time and recovery point."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blackstart import loss, timeline
from blackstart.checkers.ids import issued_again
from blackstart.ledger import Operation
from blackstart.plan import Plan
from blackstart.record import RunRecord
from blackstart.stack import STORES, Role
from blackstart.verdict import Rpo, Rto, StoreRpo, StoreRto

WRITES_TO: Mapping[Role, str] = {"database": "order", "uploads": "upload", "cache": "cart"}

Survivors = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a run's stored observations hold beside the journal."""

    operations: Sequence[Operation]
    survivors: Survivors | None
    """By store, and `rows` for all that the database has; None if the verification did not get that far."""
    reads: Sequence[Operation] = ()
    altered: tuple[str, ...] = ()
    """Files that are not what the run's manifest.sha256 says."""
    at_end: Mapping[str, Any] = field(default_factory=dict)
    """The last reading of the stores, as its evidence says it; empty: there was none."""

    @property
    def numbers(self) -> Mapping[str, Collection[int]]:
        """The numbers that orders have in the database at the end, by operation, acknowledged or not."""
        found: Mapping[str, Collection[int]] = self.at_end.get("numbers", {}).get("database", {})
        return found


def recovery_time(plan: Plan, record: RunRecord, measured: Measured) -> Rto:
    """T8 − T0; censored at the last event if the shop had not recovered by then."""
    marks = record.marks
    t0, t8 = marks.get("T0"), marks.get("T8")
    actual, censored = None, False
    if t0 is not None:
        censored = t8 is None
        actual = (record.given_up_s if t8 is None else t8) - t0
    accepting = marks["T5"] - t0 if t0 is not None and "T5" in marks else None
    return Rto(
        objective_s=plan.scenario.objectives.rto,
        actual_s=_seconds(actual),
        censored=censored,
        modelled_s=0.0,
        resolution_s=_seconds(record.probe_resolution_s),
        accepting_queries_s=_seconds(accepting),
        marks=dict(sorted(record.marks_at.items())),
        phases=timeline.phases(marks),
        stores={store: _store_time(plan, record, measured, store) for store in STORES} if t0 is not None else {},
    )


def _store_time(plan: Plan, record: RunRecord, measured: Measured, store: Role) -> StoreRto:
    """As for the whole shop, with the one class of operation that writes to a store."""
    marks, operation = record.marks, WRITES_TO[store]
    until = marks.get("T8", record.given_up_s)
    harmed = operation in timeline.harmed(measured.operations, marks["T0"], until)
    back = None
    if harmed and "T8" in marks and operation in record.rates:
        back = timeline.resumed_at(
            measured.operations,
            classes=[operation],
            before=record.rates,
            t7=marks["T7"],
            until=record.given_up_s,
            window_s=plan.window_s,
        )
    restored = marks.get(f"T4.{store}")
    return StoreRto(
        operation=operation,
        harmed=harmed,
        restored_s=None if restored is None or "T6" not in marks else _seconds(restored - marks["T0"]),
        actual_s=None if back is None else _seconds(back - marks["T0"]),
    )


def recovery_point(plan: Plan, record: RunRecord, measured: Measured) -> Rpo:
    """F − R for each store, and for the stack that of the worst critical one."""
    stores: dict[str, StoreRpo] = {}
    if measured.survivors is not None:
        for store in STORES:
            rows = measured.survivors["rows"]
            stores[store] = _store(plan, record, measured.operations, store, measured.survivors[store], rows)
    critical = [s for s in stores.values() if s.data_class == "critical"]
    worst = max(critical, key=lambda s: s.actual_s or 0.0, default=None)
    return Rpo(
        objective_s=plan.scenario.objectives.rpo,
        actual_s=worst.actual_s if worst else None,
        censored=bool(stores) and bool(plan.scenario.faults) and "T6" not in record.marks,
        acknowledged=sum(s.acknowledged for s in stores.values()),
        lost=sum(s.lost for s in stores.values()),
        lost_after_t0=sum(s.lost_after_t0 for s in stores.values()),
        holes=sum(s.holes for s in stores.values()),
        indeterminate=sum(s.indeterminate for s in stores.values()),
        recovered=sum(s.recovered for s in stores.values()),
        resolution_s=worst.resolution_s if worst else None,
        numbers_issued_again=_issued_again(measured, stores),
        stores=stores,
    )


def unknown_time(plan: Plan) -> Rto:
    """What stands in the place of a recovery time that could not be judged."""
    return Rto(
        objective_s=plan.scenario.objectives.rto,
        actual_s=None,
        censored=False,
        modelled_s=0.0,
        resolution_s=None,
        accepting_queries_s=None,
        marks={},
        phases=None,
        stores={},
    )


def unknown_point(plan: Plan) -> Rpo:
    """What stands in the place of a recovery point that could not be judged: nobody counted anything."""
    return Rpo(
        objective_s=plan.scenario.objectives.rpo,
        actual_s=None,
        censored=True,
        acknowledged=0,
        lost=0,
        lost_after_t0=0,
        holes=0,
        indeterminate=0,
        recovered=0,
        resolution_s=None,
        numbers_issued_again=0,
        stores={},
    )


def _issued_again(measured: Measured, stores: Mapping[str, StoreRpo]) -> int:
    lost = stores["database"].lost_operations if stores else ()
    return len(issued_again(loss.numbers(measured.operations, "order"), set(lost), measured.numbers))


def _store(
    plan: Plan,
    record: RunRecord,
    operations: Sequence[Operation],
    store: str,
    survivors: Collection[str],
    rows: Collection[str],
) -> StoreRpo:
    seen = loss.assess(
        operations,
        survivors,
        store=store,
        began_s=record.marks.get("seeded", 0.0),
        lifted_s=record.marks.get("lift", float("inf")),
        t0_s=record.marks.get("T0", float("inf")),
        rows=None if store == "cache" else rows,
        artefact_began_s=_archive_began(record) if store == "uploads" else float("inf"),
    )
    return StoreRpo(
        actual_s=_seconds(seen.rpo_s),
        acknowledged=seen.acknowledged,
        lost=len(seen.lost),
        lost_after_t0=seen.lost_after_t0,
        holes=len(seen.holes),
        indeterminate=seen.indeterminate,
        recovered=len(seen.recovered),
        resolution_s=round(seen.resolution_s, 6),
        data_class=plan.stack.roles[store].data_class,  # type: ignore[index]
        lost_operations=seen.lost,
    )


def _archive_began(record: RunRecord) -> float:
    """When the archive that the uploads came back from was begun; it is no snapshot."""
    chosen = record.chosen.get("uploads")
    return min((b.started_s for b in record.backups if b.id == chosen), default=float("inf"))


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
