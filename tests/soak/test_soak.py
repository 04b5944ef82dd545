"""Long tests, for `make soak`: the same scenarios again and again, and kills at many random moments."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from tests.e2e.harness import ROOT, conduct
from tests.e2e.test_interruptions import MOMENTS, blackstart, gone, left, running, wait_for

REPEATS = 2
"""Of each scenario on each engine; `make soak` again and again for more."""
KILLS = 16


@pytest.mark.parametrize("number", range(REPEATS))
@pytest.mark.parametrize("scenario", sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml")))
def test_a_shipped_scenario_is_green_every_time(
    scenario: str, number: int, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """No run alarms on a recovery that worked, and the losses are those that other code counts."""
    conducted = conduct(scenario, engine, tmp_path, monkeypatch)
    stores = conducted.verdict["rpo"]["stores"]

    assert conducted.verdict["exit_code"] == 0, conducted.reasons
    if scenario != "no-fault":
        assert set(stores["database"]["lost_operations"]) == conducted.lost_orders


@pytest.mark.parametrize("number", range(KILLS))
def test_sweep_after_a_kill_at_any_moment(number: int, engine: str, tmp_path: Path, state_home: Path) -> None:
    """SIGKILL up to half a minute into the run, then `sweep`: nothing of ours is left."""
    with running(engine, tmp_path) as process:
        run_id = wait_for(process, tmp_path, MOMENTS["planned"])
        deadline = time.monotonic() + random.Random(number).uniform(0, 30)
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    swept = blackstart("sweep")

    assert (swept.returncode, swept.stderr) == (0, "")
    assert gone(lambda: left(engine, run_id, state_home)) == []
