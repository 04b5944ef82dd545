"""What a run leaves on disk is enough to clean up after it, and proves what is its own."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blackstart.state import Created, StateFolder, all_folders, root

RUN, OTHER = "20260102T030405Z-x-abc123", "20260102T030406Z-y-abc124"
LOCK = """
import sys
from pathlib import Path
from blackstart.state import StateFolder
print(StateFolder(Path(sys.argv[1])).try_lock(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def state(state_home: Path) -> Iterator[StateFolder]:
    """A run's state folder, its lock held."""
    made = StateFolder.create(RUN)
    yield made
    made.unlock()


def locked_by_another_process(path: Path) -> bool:
    """Whether a process of its own gets the lock."""
    command = [sys.executable, "-c", LOCK, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, input="")
    return done.stdout == "True\n"


def test_where_it_is(state: StateFolder, state_home: Path) -> None:
    """Below XDG_STATE_HOME, readable to its owner alone, key included."""
    assert state_home / "blackstart" / state.run_id == state.path
    assert root() == state.path.parent
    assert [0o700, 0o600, 0o700] == [
        stat.S_IMODE(path.stat().st_mode) for path in (state.path, state.path / "key", state.work)
    ]


def test_a_relative_state_home_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As the XDG specification has it; so is an empty one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    found = []
    for value in ("", "here", "./here"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        found.append(root())

    assert [tmp_path / ".local" / "state" / "blackstart"] * 3 == found


def test_no_two_runs_share_a_folder(state: StateFolder) -> None:
    """A second run of the same id is refused."""
    with pytest.raises(OSError, match=r"exists|not empty"):
        StateFolder.create(state.run_id)
    assert not StateFolder(state.path).try_lock()


def test_a_living_run_is_locked(state: StateFolder) -> None:
    """Nobody else gets its lock: no other process, nor another part of this one."""
    assert not locked_by_another_process(state.path)
    assert not StateFolder(state.path).try_lock()


def test_a_dead_run_is_not(state: StateFolder) -> None:
    """The lock goes with its holder, even one that was killed."""
    state.unlock()
    command = [sys.executable, "-c", LOCK, str(state.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert "True\n" == holder.stdout.readline()
        assert not state.try_lock()
        holder.kill()

    assert state.try_lock()


def test_proof_is_of_one_thing(state: StateFolder) -> None:
    """A label copied onto another thing, or onto another kind of thing, proves nothing."""
    proof = state.proof("volume", "data")

    assert state.proves("volume", "data", proof)
    assert not state.proves("volume", "other", proof)
    assert not state.proves("container", "data", proof)
    assert not state.proves("volume", "data", None)
    assert not state.proves("volume", "data", "")
    assert not state.proves("volume", "data", proof[:-1])
    assert not state.proves("volume", "data", "ž" * 64)


def test_proof_is_of_one_run(state: StateFolder) -> None:
    """Another run has another key, and so has the same folder with a key of its own."""
    other = StateFolder.create(OTHER)
    proof = state.proof("volume", "data")

    assert not other.proves("volume", "data", proof)
    assert StateFolder(state.path).proves("volume", "data", proof)
    other.unlock()


@pytest.mark.parametrize("key", [None, b""])
def test_without_a_key_nothing_is_proven(state: StateFolder, key: bytes | None) -> None:
    """A run killed before it had a key made nothing; what bears its name is somebody else's."""
    if key is None:
        (state.path / "key").unlink()
    else:
        (state.path / "key").write_bytes(key)

    proof = state.proof("volume", "data")
    assert "none" == proof
    assert not state.proves("volume", "data", proof)


def test_what_may_have_been_made(state: StateFolder) -> None:
    """Oldest first, with what was known of it."""
    state.creating("volume", "data")
    state.creating("container", "Žofie\u2028", anonymous=True)

    expected = (
        Created(kind="volume", name="data", detail={}),
        Created(kind="container", name="Žofie\u2028", detail={"anonymous": True}),
    )
    assert expected == state.created()
    assert expected == StateFolder(state.path).created()


def test_a_torn_line_announces_nothing(state: StateFolder) -> None:
    """Its writer was killed before the thing was made."""
    state.creating("volume", "data")
    with (state.path / "created.jsonl").open("a") as file:
        file.write('{"kind": "volume", "na')

    assert ["data"] == [made.name for made in state.created()]


@pytest.mark.parametrize("whole", ["", '{"detail": {}, "kind": "volume", "name": "first"}\n'])
def test_whoever_cleans_up_writes_after_a_torn_line(state: StateFolder, whole: str) -> None:
    """The torn line is cut off, so that the next one can be read."""
    (state.path / "created.jsonl").write_text(whole + '{"kind": "volume", "na')

    StateFolder(state.path).creating("volume", "found")

    assert ["first", "found"][-1 - whole.count("\n") :] == [made.name for made in state.created()]


def test_open_undos(state: StateFolder) -> None:
    """Injections begun and not closed, newest first, each with all that is known of it."""
    assert () == state.open_undos()
    state.undo({"id": "a", "state": "recorded", "fault": "kill"})
    state.undo({"id": "b", "state": "recorded", "fault": "fill"})
    state.undo({"id": "c", "state": "recorded", "fault": "lock"})
    state.undo({"id": "b", "state": "closed"})
    state.undo({"id": "a", "state": "injected", "pid": 7})

    undos = StateFolder(state.path).open_undos()
    assert [
        {"id": "c", "state": "recorded", "fault": "lock"},
        {"id": "a", "state": "injected", "fault": "kill", "pid": 7},
    ] == [dict(undo) for undo in undos]


def test_a_torn_undo_is_still_open(state: StateFolder) -> None:
    """A closing that was not written whole is none: healing twice does no harm, healing never does."""
    state.undo({"id": "a", "state": "recorded"})
    with (state.path / "undo.jsonl").open("a") as file:
        file.write(json.dumps({"id": "a", "state": "closed"}))

    assert ["a"] == [undo["id"] for undo in state.open_undos()]


def test_removal(state: StateFolder) -> None:
    """Nothing stays, and other runs' folders do."""
    other = StateFolder.create(OTHER)
    (state.work / "volume").mkdir()

    state.remove()

    assert [OTHER] == [folder.run_id for folder in all_folders()]
    other.unlock()


def test_what_is_not_ours(state: StateFolder, tmp_path: Path) -> None:
    """A link, a folder of another name or one without a lock is nobody's run."""
    (root() / "holiday-pictures").mkdir()
    (root() / "holiday-pictures" / "lock").touch()
    (root() / "20260102T030406Z-y-abc125").symlink_to(state.path)
    (root() / "20260102T030406Z-y-abc126").mkdir()

    assert [RUN] == [folder.run_id for folder in all_folders()]


def test_clearing(state: StateFolder) -> None:
    """The work folder goes first; what would be needed to clean up later stays."""
    (state.work / "volume").mkdir()

    assert [] == state.clear()
    assert not state.work.exists()
    assert (state.path / "key").is_file()


def test_no_state_at_all(state_home: Path) -> None:
    """Where nothing ever ran there is nothing to sweep."""
    assert [] == list(all_folders())
    assert not state_home.exists()
