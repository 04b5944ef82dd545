"""A check that a scenario leaves out is not run, is not missed, and the report says why it was left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.core.builders import journal_lines, make_plan, measured

from blackstart import judge, load, registry
from blackstart.checks.base import Scene, run_all
from blackstart.evidence import Observation
from blackstart.plan import Plan
from blackstart.record import fold
from blackstart.scenario import NEVER_LEFT_OUT, Verify

WHY = "the page checksums are verified by the storage"


def leaving_out(*names: str) -> Plan:
    """A plan whose scenario leaves some checks out."""
    made = make_plan()
    return replace(made, scenario=replace(made.scenario, verify=Verify(exclude=dict.fromkeys(names, WHY))))


class Looking:
    """A check that cannot be left out without being noticed."""

    NAME, LAYER, STAGES = "uploads", 6, ("verify",)

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """It must not be called."""
        raise AssertionError("it was run")


def test_it_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in its place is not applicable, with the scenario's own words; others run as ever."""
    monkeypatch.setattr(registry, "checks", lambda: {"uploads": Looking})
    scene: Any = SimpleNamespace(shop=SimpleNamespace(plan=leaving_out("uploads")), stage="verify")
    (left_out,) = run_all(scene)
    scene.shop.plan = leaving_out("checksums")
    (ran,) = run_all(scene)

    assert ("uploads", f"left out by the scenario: {WHY}") == (left_out.check, left_out.not_applicable)
    assert "AssertionError: it was run" == ran.error


def test_the_verdict_says_so_and_does_not_miss_it(tmp_path: Path) -> None:
    """The run passes, and its verdict lists the check once under what was not tested, with the reason."""
    lines = []
    for text in journal_lines(tmp_path / "journal.jsonl"):
        line = json.loads(text)
        if line["event"] == "observation" and line["data"]["check"] == "uploads":
            blank = Observation(
                check="uploads", layer=6, subject="all of it", stage=line["data"]["stage"], expected=None, actual=None
            )
            line["data"] = asdict(replace(blank, not_applicable=f"left out by the scenario: {WHY}"))
        lines.append(json.dumps(line) + "\n")

    verdict = judge.judge(leaving_out("uploads"), fold(lines), measured())

    assert ("pass", 0) == (verdict.verdict, verdict.exit_code)
    expected = {"what": "uploads: all of it", "reason": f"left out by the scenario: {WHY}"}
    assert 1 == list(verdict.not_tested).count(expected)


def test_a_file_with_reasons_is_read(tmp_path: Path) -> None:
    """The name and the reason are the scenario's."""
    path = tmp_path / "s.yaml"
    path.write_text(f"name: x\ntitle: T\nverify: {{exclude: {{uploads: {WHY}}}}}\n")

    assert {"uploads": WHY} == load.scenario(path)[0].verify.exclude


def test_a_plan_keeps_the_reasons() -> None:
    """plan.json reads back with them, since the journal is judged by it."""
    made = leaving_out("uploads")

    assert made == load.plan(made.to_json())


def test_what_may_never_be_left_out() -> None:
    """Without these no other check's green means anything."""
    assert {"started", "ledger", "smoke", "negative-control"} < set(NEVER_LEFT_OUT)
