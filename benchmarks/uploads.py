"""How fast a tree of uploads is made, and hashed: beside only reading it, sha256sum, and tar.

    python benchmarks/uploads.py [--files 20000] [--rounds 5]

The tree is that of the large scale, in the page cache: what is compared is the work, not the disk. All
ways take turns, so the ratios travel; the seconds are this machine's. Only reading is done by the very
reader that hashes, with a hash function that does nothing: it shows what is left to gain.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from blackstart import signals
from blackstart.observe import files
from blackstart.seeding.meter import Meter
from blackstart.seeding.scale import SCALES
from blackstart.seeding.volume import WORKERS, fill_folder

LEAST_TIMES_SHA256SUM = 5.0
MOST_TIMES_READING = 2.0
MOST_MS_A_FILE = 1.0
SEED = 42


class NoHash:
    """Stands in for BLAKE3, and takes no time."""

    def update(self, _data: object) -> None:
        """Nothing."""

    def hexdigest(self) -> str:
        """Nothing."""
        return ""


def main() -> None:
    """Print what was measured beside what it should be."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=SCALES["large"].files)
    parser.add_argument("--rounds", type=int, default=5)
    words = parser.parse_args()
    with signals.raised(), tempfile.TemporaryDirectory(prefix="blackstart-uploads-") as home:
        tree = Path(home) / "tree"
        tree.mkdir()
        began = time.monotonic()
        rows = fill_folder(
            tree, replace(SCALES["large"], files=words.files), SEED, Meter(lambda _: None, "files", words.files)
        )
        making_ms = (time.monotonic() - began) * 1e3 / len(rows)
        megabytes = sum(row.bytes for row in rows) / 1e6
        print(f"{len(rows):,} files, {megabytes:,.0f} MB, the largest {max(row.bytes for row in rows) / 1e6:.1f} MB")
        aim = f"aim {MOST_MS_A_FILE:g} or less: {'met' if making_ms <= MOST_MS_A_FILE else 'missed'}"
        print(f"{f'drawn, hashed by SHA-256 and written, {WORKERS} threads: ms a file':<56} {making_ms:>8.2f}   {aim}")
        compare(tree, megabytes, words.rounds)


def compare(tree: Path, megabytes: float, rounds: int) -> None:
    """Read the tree in every way, again and again, and print the medians."""
    ours, reading, sha256sum = "blackstart: BLAKE3", "only reading, by the same reader", "sha256sum, one process"
    cat = "only reading, by cat"
    ways: Mapping[str, Callable[[], object]] = {
        ours: lambda: files.of_folder(tree),
        reading: lambda: read(tree),
        cat: lambda: shell(f"find '{tree}' -type f -print0 | xargs -0 -n 1000000 cat"),
        sha256sum: lambda: shell(f"find '{tree}' -type f -print0 | xargs -0 -n 1000000 sha256sum"),
        "tar cf -, through a pipe": lambda: shell(f"tar -C '{tree}' -cf - . | cat"),
        "blackstart: BLAKE3 of that tar stream": lambda: hash_tar(tree),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, work in ways.items():
            began = time.monotonic()
            work()
            seconds[way].append(time.monotonic() - began)
    median = {way: statistics.median(each) for way, each in seconds.items()}
    print(f"{f'median of {rounds} rounds':<56} {'seconds':>8} {'MB/s':>8}")
    for way, each in median.items():
        print(f"{way:<56} {each:>8.2f} {megabytes / each:>8,.0f}")
    faster, slower = median[sha256sum] / median[ours], median[ours] / median[reading]
    met = "met" if faster >= LEAST_TIMES_SHA256SUM else "missed"
    print(f"{'times faster than sha256sum':<56} {faster:>8.2f}   aim {LEAST_TIMES_SHA256SUM:g} or more: {met}")
    met = "met" if slower <= MOST_TIMES_READING else "missed"
    for what, ratio, aim in (
        ("by the same reader", slower, f"   aim {MOST_TIMES_READING:g} or less: {met}"),
        ("by cat", median[ours] / median[cat], ""),
    ):
        print(f"{f'times the time of only reading, {what}':<56} {ratio:>8.2f}{aim}")


def read(tree: Path) -> None:
    """What hashing does but for the hash."""
    with patch.object(files, "blake3", NoHash):
        files.of_folder(tree)


def hash_tar(tree: Path) -> None:
    """What hashing does on an engine that only streams volumes."""
    with subprocess.Popen(["tar", "-C", tree, "-cf", "-", "."], stdout=subprocess.PIPE) as tar:
        assert tar.stdout is not None
        files.fingerprint(tar.stdout)


def shell(command: str) -> None:
    """Run a command line, its output thrown away; it must succeed."""
    subprocess.run(["bash", "-o", "pipefail", "-c", command], stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
