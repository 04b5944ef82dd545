"""Every accident of the catalogue, for real, on every engine that can have it: harm, detection, recovery, proof."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.harness import (
    ROOT,
    Conducted,
    assert_hashes,
    assert_no_secrets,
    assert_nothing_left,
    conduct,
)
from tests.soak.strangers import strangers

from blackstart import planning
from blackstart.checks import base
from blackstart.clock import Clock
from blackstart.errors import InputRefused
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.phases import detect
from blackstart.phases.stage import Busy, Stage

SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_accident_is_seen_recovered_from_and_proven(
    scenario: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Witnessed, red while it lasts, green at the end; no secret told, nothing left, no stranger touched."""
    refusal = refused(scenario, engine)
    if refusal:
        assert refusal in listed_faults()
        return
    red = looking_before_the_recovery(monkeypatch)
    with strangers() as foreign:
        conducted = conduct(scenario, engine, tmp_path, monkeypatch, at_the_gate=foreign.arrive)
        assert foreign.touched() == []
        for folder in foreign.folders:
            assert folder.is_dir()
            subprocess.run(["rm", "-r", str(folder)], check=True)
    assert_green(conducted)
    assert_red_before(conducted, red)
    assert_no_secrets(conducted)
    assert_nothing_left(conducted, state_home)
    assert_hashes(conducted.path)


def refused(scenario: str, engine: str) -> str:
    """Why this engine cannot have the accident; empty if it can."""
    try:
        planning.plan_run(str(ROOT / "scenarios" / f"{scenario}.yaml"), planning.Options(engine=engine), Clock())
    except InputRefused as error:
        return error.problems[0].what
    return ""


def listed_faults() -> str:
    """What `blackstart list faults` prints."""
    words = [sys.executable, "-m", "blackstart", "list", "faults"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def looking_before_the_recovery(monkeypatch: pytest.MonkeyPatch) -> list[Observation]:
    """Have every check look at the harmed shop once somebody has noticed; the red ones will be on this list."""
    red: list[Observation] = []
    real = detect.decided

    def looked(stage: Stage) -> None:
        names = [f.for_ for f in stage.plan.scenario.faults]
        if all(lasts is None for lasts in names):
            scene = stage.scene(seeds[-1], stage="detect")
            for check in base.of_stage("gate"):
                red.extend(seen for seen in base.run(check, scene) if outcome(seen) in ("fail", "error"))
        real(stage)

    seeds: list[Any] = []
    real_detected = detect.detected

    def remembered(stage: Stage, seed: Any, busy: Busy) -> None:
        seeds.append(seed)
        real_detected(stage, seed, busy)
        busy.customers.drain()
        busy.customers.go_on()

    monkeypatch.setattr(detect, "detected", remembered)
    monkeypatch.setattr(detect, "decided", looked)
    return red


def assert_green(conducted: Conducted) -> None:
    """Exit code 0 (an objective is not what the soak is about: it looks longer than anybody would)."""
    verdict = conducted.verdict

    assert verdict["exit_code"] in (0, 4), conducted.reasons
    assert {check["outcome"] for check in verdict["checks"]} <= {"pass", "not_applicable"}
    assert all(injection["witness"] for injection in verdict["injections"])
    assert all(found["named"] for found in verdict["detections"])
    assert set(verdict["rpo"]["stores"]["database"]["lost_operations"]) == (conducted.lost_orders or set())


def assert_red_before(conducted: Conducted, red: list[Observation]) -> None:
    """What strikes data and lasts turns some check red; what a silent accident's check found is named.

    A process or a network that comes back by itself may have done so before anybody looks at the data; its
    outage is the probe's to see, without which there is no recovery.
    """
    families = {injection["family"] for injection in conducted.verdict["injections"]}
    lasting = not any(injection["healed"] for injection in conducted.verdict["injections"])
    if families - {"backups", "processes", "network"} and lasting and not conducted.verdict["detections"]:
        assert red, "no check saw anything of it"
