"""What a silent accident cost, by the database that had acknowledged it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.core.builders import make_plan, measured, operation, record_of

from blackstart.detection import detections
from blackstart.ledger import Operation
from blackstart.objectives import Measured, unknown_point
from blackstart.record import Injection
from blackstart.verdict import Rpo, StoreRpo

INJECTED_S, FENCE_S = 10.0, 20.0


def served(name: str, completed: float, server: str | None) -> Operation:
    """An acknowledged order, and who said so."""
    made = operation(name, completed - 0.5, completed)
    return replace(made, result={"served_by": server} if server else {})


def judged(path: Path, operations: list[Operation], lost: tuple[str, ...]) -> Mapping[str, Mapping[Any, int]]:
    """`by_server` of one silent accident between T0 and the fence."""
    record = record_of(path)
    silent = Injection(
        fault="second-database", target="x", at="", t=INJECTED_S, moment="", witness="seen", expect="ledger"
    )
    record = replace(record, injections=(silent,), marks={**record.marks, "Tf": FENCE_S})
    store = StoreRpo(
        actual_s=0.0,
        acknowledged=len(operations),
        lost=len(lost),
        lost_after_t0=0,
        holes=0,
        indeterminate=0,
        recovered=0,
        resolution_s=0.0,
        data_class="critical",
        lost_operations=lost,
    )
    rpo: Rpo = replace(unknown_point(make_plan()), stores={"database": store})
    seen: Measured = measured(operations)
    (found,) = detections(record, (), seen, rpo)
    return found.by_server


def test_each_database_has_its_own_count(tmp_path: Path) -> None:
    """What was acknowledged before the accident or behind the fence is not part of it, nor is what nobody signed."""
    operations = [
        served("early", 9.0, "database"),
        served("a1", 11.0, "database"),
        served("b1", 12.0, "database-2"),
        served("a2", 13.0, "database"),
        served("cart", 14.0, None),
        served("late", 21.0, "database-2"),
    ]

    assert {
        "database": {"acknowledged": 2, "lost": 1},
        "database-2": {"acknowledged": 1, "lost": 1},
    } == judged(tmp_path, operations, ("early", "a1", "b1", "late"))


def test_one_database_needs_no_telling_apart(tmp_path: Path) -> None:
    """Where one acknowledged everything there is nothing to add."""
    operations = [served("a1", 11.0, "database"), served("a2", 12.0, "database")]

    assert {} == judged(tmp_path, operations, ("a1",))
