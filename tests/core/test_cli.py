"""The command line's last resort: whatever a command meets, its words fit it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("words", [["list", "faults"], ["list", "engines"]], ids=["long", "short"])
def test_a_reader_that_leaves_is_no_bug(words: list[str]) -> None:
    """As with `| head`: nothing on stderr, and no exit code that says all was told."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-m", "blackstart", *words]
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writer)

    assert (done.returncode, done.stderr) == (3, "")
