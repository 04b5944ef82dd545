"""Scenarios that must end red: found by name, valid, told of, and in no drill that anybody wants green."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.builders import SCENARIOS

from blackstart import load, planning

ROOT = SCENARIOS.parent
LESSONS = sorted((SCENARIOS / "lessons").glob("*.yaml"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_ships_and_is_told_of(path: Path, tmp_path: Path) -> None:
    """By `lessons/NAME` from any folder; the page that tells what it loses gives the command."""
    name = f"lessons/{path.stem}"

    assert path.stem == planning.check_file(path).name
    assert path == load.find(name, "scenarios", here=tmp_path)
    assert name in load.names("scenarios", here=tmp_path)
    assert f"blackstart run {name} " in (ROOT / "docs" / "what-the-tutorial-loses.md").read_text()


def test_no_drill_has_a_lesson() -> None:
    """A drill that is red every night is one that nobody reads any more."""
    assert LESSONS
    for drill in (ROOT / "drills").glob("*.yaml"):
        assert "lessons/" not in drill.read_text()
