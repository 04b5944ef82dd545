"""Cleaning up that fails is told, and stays possible; what is not ours is out of its reach."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

import pytest
from tests.e2e.harness import conduct, processes_under
from tests.e2e.test_interruptions import MOMENTS, blackstart, gone, running, wait_for

from blackstart.engines.embedded import EmbeddedEngine
from blackstart.engines.embedded.shared_memory import remove_segment


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

    assert (swept.returncode, swept.stdout, swept.stderr) == (0, "nothing of ours is left\n", "")
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


def test_a_running_run_is_not_judged(tmp_path: Path, state_home: Path) -> None:
    """`report` on a run that goes on is refused, and writes nothing into its folder."""
    with running("embedded", tmp_path) as process:
        run_id = wait_for(process, tmp_path, MOMENTS["at the gate"])
        asked = blackstart("report", run_id, "--reports", str(tmp_path / "reports"))
        written = list((tmp_path / "reports" / run_id).glob("verdict*.json"))
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    assert (asked.returncode, written) == (2, [])
    assert f"{run_id} is still running" in asked.stderr


@pytest.mark.parametrize("where", ["reports", "state"])
def test_a_place_that_cannot_be_written_is_refused(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Exit 2 with the reason and what to do; nothing is started and nothing is left."""
    (tmp_path / "file").touch()
    if where == "state":
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "below"))
    reports = tmp_path / "file" / "below" if where == "reports" else tmp_path / "reports"
    refused = blackstart("run", "no-fault", "--engine", "embedded", "--reports", str(reports))

    assert refused.returncode == 2
    assert "Not a directory" in refused.stderr
    assert "hint: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list((state_home / "blackstart").glob("*")) == []


def test_the_segment_of_a_killed_server_is_removed_and_no_other(tmp_path: Path) -> None:
    """Only a segment that the data folder names and its server made goes; nobody else's does."""
    libc = ctypes.CDLL(None)
    ours, foreign = (libc.shmget(0, 56, 0o600 | 0o1000) for _ in range(2))
    try:
        _postmaster(tmp_path, creator=os.getpid() + 1, segment=foreign)
        remove_segment(tmp_path)
        _postmaster(tmp_path, creator=os.getpid(), segment=ours)
        remove_segment(tmp_path)
        there = {int(line.split()[1]) for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}
    finally:
        libc.shmctl(foreign, 0, None)
        libc.shmctl(ours, 0, None)

    assert foreign in there
    assert ours not in there


def _postmaster(data: Path, *, creator: int, segment: int) -> None:
    """A postmaster.pid as PostgreSQL writes it."""
    (data / "postmaster.pid").write_text(
        f"{creator}\n{data}\n1700000000\n5432\n\n127.0.0.1\n 2301784 {segment}\nready\n"
    )
