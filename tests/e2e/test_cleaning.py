"""Cleaning up that fails is told, and stays possible; what is not ours is out of its reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.harness import conduct, processes_under
from tests.e2e.test_interruptions import blackstart, gone

from blackstart.engines.embedded import EmbeddedEngine


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cleaning_up_that_fails_is_a_leftover_that_sweep_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """All is proven, so exit 5; the state folder stays, and with it `sweep` finds what runs on."""

    def fails(self: EmbeddedEngine) -> list[str]:
        raise OSError("the disk went away")

    monkeypatch.setattr(EmbeddedEngine, "close", fails)
    conducted = conduct("no-fault", "embedded", tmp_path, monkeypatch)
    still_there = processes_under(state_home)
    swept = blackstart("sweep")

    assert conducted.verdict["exit_code"] == 5, conducted.reasons
    assert "the disk went away" in conducted.verdict["leftovers"][0]
    assert still_there != []
    assert (swept.returncode, swept.stderr) == (0, "")
    assert gone(lambda: [*processes_under(state_home), *map(str, (state_home / "blackstart").iterdir())]) == []


def test_sweep_touches_only_folders_of_runs(tmp_path: Path, state_home: Path) -> None:
    """A link out of the state folder, somebody's notes and a folder without a lock are not ours."""
    precious = tmp_path / "precious"
    (precious / "work").mkdir(parents=True)
    (precious / "lock").touch()
    (precious / "work" / "photo.jpg").write_bytes(b"irreplaceable")
    state = state_home / "blackstart"
    (state / "notes").mkdir(parents=True)
    (state / "20260101T000000Z-no-lock-abcdef").mkdir()
    (state / "20260101T000000Z-a-link-abcdef").symlink_to(precious)
    before = sorted(path.name for path in state.iterdir())
    swept = blackstart("sweep")

    assert (swept.returncode, swept.stdout, swept.stderr) == (0, "", "")
    assert sorted(path.name for path in state.iterdir()) == before
    assert (precious / "work" / "photo.jpg").read_bytes() == b"irreplaceable"


def test_one_unreadable_folder_does_not_stop_sweep(tmp_path: Path, state_home: Path) -> None:
    """It is named, nothing in it is touched, and the next folder is swept."""
    state = state_home / "blackstart"
    for name in ("20260101T000000Z-broken-abcdef", "20260102T000000Z-sound-abcdef"):
        (state / name / "work").mkdir(parents=True)
        (state / name / "lock").touch()
    (state / "20260101T000000Z-broken-abcdef" / "created.jsonl").write_text('{"kind": 1}\n')
    swept = blackstart("sweep")

    assert swept.returncode == 5
    assert "20260101T000000Z-broken-abcdef: could not remove" in swept.stdout
    assert [path.name for path in state.iterdir()] == ["20260101T000000Z-broken-abcdef"]
