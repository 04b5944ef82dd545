"""How a damaged append-only file is told from a whole one, without a Redis."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blackstart.faults import damage_aof

SET = b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$6\r\na\r\n*9x\r\n"
COMMANDS = [b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", SET, b"*2\r\n$4\r\nINCR\r\n$5\r\nviews\r\n", SET]
WHOLE = b"".join(COMMANDS)


def run(program: str, volume: Path, *words: str) -> str:
    """Run a program as an engine runs it on the volume."""
    argv = [sys.executable, "-c", program, str(volume), *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def look(volume: Path) -> dict[str, Any]:
    """What the witness sees."""
    found: dict[str, Any] = json.loads(run(damage_aof._LOOK, volume))
    return found


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log in force, beside an older one that nobody reads any more."""
    folder = tmp_path / "appendonlydir"
    folder.mkdir()
    (folder / "appendonly.aof.9.incr.aof").write_bytes(b"\0 of yesterday")
    path = folder / "appendonly.aof.10.incr.aof"
    path.write_bytes(WHOLE)
    return path


def test_a_whole_file_is_not_broken(log: Path, tmp_path: Path) -> None:
    """All commands are counted; a value that looks like a command is none."""
    expected = {"file": log.name, "bytes": len(WHOLE), "commands": 4, "whole": len(WHOLE), "broken": ""}

    assert expected == look(tmp_path)


@pytest.mark.parametrize("left", range(1, len(SET)))
def test_a_last_command_that_is_cut_anywhere_is_cut(left: int, log: Path, tmp_path: Path) -> None:
    """Wherever the cut is, also between two of its strings, the commands before it are whole."""
    log.write_bytes(WHOLE[: len(WHOLE) - len(SET) + left])

    seen = look(tmp_path)

    assert ("is cut", 3, len(WHOLE) - len(SET)) == (seen["broken"], seen["commands"], seen["whole"])


def test_damage_at_the_end_leaves_what_was_there(log: Path, tmp_path: Path) -> None:
    """Half a command more, and all whole ones as they were."""
    run(damage_aof._DAMAGE, tmp_path, "end")

    assert log.read_bytes() == WHOLE + SET[: len(SET) // 2]
    assert look(tmp_path)["broken"] == "is cut"


def test_damage_in_the_middle_is_no_command(log: Path, tmp_path: Path) -> None:
    """The command in the middle cannot be read, and so none behind it can."""
    run(damage_aof._DAMAGE, tmp_path, "middle")

    seen = look(tmp_path)
    assert ("is no command", 2, len(WHOLE)) == (seen["broken"], seen["commands"], seen["bytes"])
