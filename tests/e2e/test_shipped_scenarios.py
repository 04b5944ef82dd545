"""The scenarios that ship, for real, on every engine."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from tests.conftest import require_engine
from tests.e2e.harness import Conducted, assert_hashes, assert_no_secrets, assert_nothing_left, conduct

REPRESENTATIVE = {
    "docker": (
        "delete-everything",
        "kill-database",
        "killed-restore",
        "partition-database",
        "two-databases-one-volume",
        "wrong-bind-path",
    ),
    "embedded": (
        "no-fault",
        "kill-storefront",
        "delete-redis-volume",
        "delete-uploads-volume",
        "delete-database-volume-worst-moment",
        "drop-table",
        "bit-rot-table",
        "ransomware",
        "truncated-dump",
        "pause-database",
        "backups-deleted-too",
    ),
}
"""At least one of each family of accidents; `make soak` has all of them on both engines."""
LOSES = {
    "delete-database-volume": ("database",),
    "delete-database-volume-worst-moment": ("database",),
    "delete-uploads-volume": ("uploads",),
    "delete-redis-volume": ("cache",),
    "delete-everything": ("database", "uploads", "cache"),
}
"""The stores that a scenario restores from the newest backup, and in which it therefore loses something."""


@pytest.fixture(params=[f"{engine}/{name}" for engine, names in REPRESENTATIVE.items() for name in names])
def conducted(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> Conducted:
    """A run of a shipped scenario."""
    engine, name = request.param.split("/")
    require_engine(engine)
    return conduct(name, engine, tmp_path, monkeypatch)


def test_a_shipped_scenario_is_green_and_true(conducted: Conducted, state_home: Path) -> None:
    """It passes; its losses are those that other code counts; no secret and nothing of ours is left."""
    verdict = conducted.verdict

    assert (verdict["verdict"], verdict["exit_code"]) == ("pass", 0), conducted.reasons
    assert {check["outcome"] for check in verdict["checks"]} == {"pass"}
    assert all(found["named"] for found in verdict["detections"])
    assert verdict["rpo"]["acknowledged"] > 0 or verdict["scenario"] == "no-fault"
    _assert_figures(conducted)
    assert_no_secrets(conducted)
    assert_nothing_left(conducted, state_home)
    assert_hashes(conducted.path)


def _assert_figures(conducted: Conducted) -> None:
    """Marks in order, phases that sum up, and the losses that the scenario must have."""
    rto, rpo = conducted.verdict["rto"], conducted.verdict["rpo"]
    if conducted.verdict["scenario"] == "no-fault":
        assert (rto["actual_s"], rto["phases"]) == (None, None)
        return
    marks = [rto["marks"][name] for name in ("T0", "T1", "T2", "Tf", "T3", "T4", "T5", "T6", "T7", "T8")]
    lost = set(rpo["stores"]["database"]["lost_operations"])

    assert marks == sorted(marks)
    assert list(rto["phases"]) == ["detect", "decide", "provision", "restore", "start", "verify", "resume"]
    assert sum(rto["phases"].values()) == pytest.approx(rto["actual_s"], abs=1e-4)
    assert all(injection["witness"] for injection in conducted.verdict["injections"])
    assert lost == conducted.lost_orders
    assert _listed(conducted) == lost
    restored = LOSES.get(conducted.verdict["scenario"], ())
    losing = {name for name, store in rpo["stores"].items() if store["lost"]}
    if restored:
        assert losing - {"uploads"} == set(restored) - {"uploads"}
        _assert_loss_is_bounded(conducted, restored)
    elif rpo["objective_s"] == 0:
        assert (losing, rpo["actual_s"]) == (set(), 0)


def _listed(conducted: Conducted) -> set[str]:
    """The operations in lost-orders.csv."""
    path = conducted.path / "lost-orders.csv"
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as lines:
        return {row["operation"] for row in csv.DictReader(lines) if row["customer_email"]}


def _assert_loss_is_bounded(conducted: Conducted, restored: Sequence[str]) -> None:
    """0 < RPO actual ≤ interval + longest backup + 1 s + what customers wrote until the fence, in each store."""
    verdict = conducted.verdict
    stores, marks = verdict["rpo"]["stores"], [datetime.fromisoformat(verdict["rto"]["marks"][m]) for m in ("T0", "Tf")]
    plan = json.loads((conducted.path / "plan.json").read_text())
    every, longest = plan["scenario"]["backup"]["every"], verdict["prediction"]["longest_backup_s"]
    until_fence = (marks[1] - marks[0]).total_seconds()

    assert verdict["backup"]["sha256"]
    for name in restored:
        assert stores[name]["lost"] > 0, name
        assert 0 < stores[name]["actual_s"] <= every + longest + 1 + until_fence, name
    if "worst-moment" in verdict["scenario"]:
        assert "during the backup" in verdict["injections"][0]["moment"]
        assert stores["database"]["actual_s"] >= 0.9 * every
