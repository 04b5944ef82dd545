"""Kills of the runner at many random moments of all sorts of accidents, and then a run as if nothing had been."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from tests.e2e.harness import ROOT, conduct
from tests.e2e.test_interruptions import MOMENTS, blackstart, gone, left, running, wait_for
from tests.soak.test_catalogue import SCENARIOS, refused

KILLS = 50
"""On each engine."""
WITHIN_S = 40.0
"""Most runs take about so long."""


@pytest.mark.parametrize("number", range(KILLS))
def test_sweep_after_a_kill_at_any_moment(number: int, engine: str, tmp_path: Path, state_home: Path) -> None:
    """SIGKILL at a seeded moment of a seeded accident, then `sweep`: nothing of ours is left."""
    dice = random.Random(number)
    scenario = dice.choice([name for name in SCENARIOS if not refused(name, engine)])
    with running(engine, tmp_path, scenario) as process:
        run_id = wait_for(process, tmp_path, MOMENTS["planned"])
        deadline = time.monotonic() + dice.uniform(0, WITHIN_S)
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    swept = blackstart("sweep")

    assert (swept.returncode, swept.stderr) == (0, ""), scenario
    assert gone(lambda: left(engine, run_id, state_home)) == []


def test_after_all_that_a_run_is_green(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Nobody's remains are in its way."""
    conducted = conduct(ROOT / "scenarios" / "delete-everything.yaml", engine, tmp_path, monkeypatch)

    assert conducted.verdict["exit_code"] == 0, conducted.reasons
