"""The whole self-test, as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.harness import processes_under

from blackstart.selftest.catalogue import all_cases

AT_MOST_S = 600.0
"""On two cores with nothing else to do it takes some eight minutes; beyond ten nobody would run it."""


@pytest.mark.timeout(1800)
def test_the_whole_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case on the embedded engine: exit code 0, a line a case, ten minutes at most, and nothing of ours left."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    words = [sys.executable, "-m", "blackstart", "selftest", "--engine", "embedded", "--reports", str(tmp_path / "r")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    stored = json.loads((Path(done.stdout.splitlines()[-1]).parent / "selftest.json").read_text())

    assert done.returncode == 0, done.stdout + done.stderr
    assert {line["result"] for line in stored["lines"]} == {"found and named", "left alone"}
    assert len(stored["lines"]) == sum(len(group) for group in all_cases().values())
    assert stored["took_s"] < AT_MOST_S
    assert processes_under(tmp_path) == []
