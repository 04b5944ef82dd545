"""What is carried out is what was planned before anything started."""

from __future__ import annotations

from pathlib import Path

import pytest

from blackstart import planning
from blackstart.clock import Clock
from blackstart.errors import Refused
from blackstart.planning import Options

LOSES = """
name: loses
title: The database is lost and nobody restores it
faults: [{kind: delete-volume, volume: postgres_data}]
restore: {database: none}
"""
CALM = "name: loses\ntitle: Nothing goes wrong\n"
OPTIONS = Options(engine="embedded", seed=1)


def test_a_scenario_that_did_not_change_is_planned_again(tmp_path: Path) -> None:
    """With a name and ports of its own."""
    (tmp_path / "s.yaml").write_text(LOSES)
    first, _ = planning.plan_run(str(tmp_path / "s.yaml"), OPTIONS, Clock())
    again, _ = planning.plan_again(str(tmp_path / "s.yaml"), OPTIONS, Clock(), scenario_sha256=first.scenario_sha256)

    assert first.scenario == again.scenario
    assert first.run_id != again.run_id


def test_a_scenario_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    """Or a drill would be green for a disaster that it never caused."""
    (tmp_path / "s.yaml").write_text(LOSES)
    first, _ = planning.plan_run(str(tmp_path / "s.yaml"), OPTIONS, Clock())
    (tmp_path / "s.yaml").write_text(CALM)

    with pytest.raises(Refused, match=r"s\.yaml was changed after it had been planned"):
        planning.plan_again(str(tmp_path / "s.yaml"), OPTIONS, Clock(), scenario_sha256=first.scenario_sha256)
