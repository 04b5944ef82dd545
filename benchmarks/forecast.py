"""How far a forecast is from the run that it was made for: three times the largest size that it had seen.

    python benchmarks/forecast.py [--engine embedded] [--repeats 2]

`blackstart forecast` runs at `small` and `medium`; the lines that it finds then say how long the recovery takes at
`3xmedium`, which is run as well. What is compared is a ratio within one machine and one hour; it ends with exit
status 1 if the prediction is off by more than the aim.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from blackstart.forecasting.forecast import PHASES
from blackstart.forecasting.model import Line

AIM = 0.25
SCENARIO = "delete-database-volume"
FARTHER = "3xmedium"


def main() -> int:
    """Print a line a phase, the whole, and whether the aim is met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--engine", default="embedded", choices=("embedded", "docker"))
    parser.add_argument("--repeats", type=int, default=2)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="blackstart-forecast-benchmark-") as home:
        near = forecast(Path(home), words.engine, "small,medium", words.repeats)
        # `small` is there because a forecast takes two sizes; only the farther one counts.
        far = [
            m for m in forecast(Path(home), words.engine, f"small,{FARTHER}", 1)["measurements"] if m["size"] == FARTHER
        ]
    lines = {name: Line(**line) for name, line in near["lines"].items()}
    size = statistics.mean(m["bytes"] for m in far)
    seen = {phase: statistics.mean(m["phases"][phase] for m in far) for phase in PHASES}
    print(f"{'':<12} {'forecast':>9} {'measured':>9} {'off':>7}")
    for phase in PHASES:
        row(phase, lines[phase].at(size), seen[phase])
    row("backup", lines["backup"].at(size), statistics.mean(m["longest_backup_s"] for m in far))
    off = row("RTO", sum(lines[phase].at(size) for phase in PHASES), statistics.mean(m["rto_s"] for m in far))
    print(f"{size / 1e6:.0f} MB; off by {off:+.0%}, aim {AIM:.0%} or less: {'met' if abs(off) <= AIM else 'missed'}")
    return int(abs(off) > AIM)


def forecast(home: Path, engine: str, sizes: str, repeats: int) -> dict[str, Any]:
    """What `blackstart forecast` found; every run must have been proven."""
    command = [sys.executable, "-m", "blackstart", "forecast", SCENARIO, f"--engine={engine}", f"--sizes={sizes}"]
    done = subprocess.run(
        [*command, f"--repeats={repeats}", "--at=1GB", "--seed=3", "--reports=reports"],
        cwd=home,
        env={**os.environ, "XDG_STATE_HOME": str(home / "state")},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(done.stdout)
    if done.returncode:
        raise SystemExit(f"the forecast ended with {done.returncode}")
    found: dict[str, Any] = json.loads(
        (home / Path(done.stdout.splitlines()[-1]).with_name("forecast.json")).read_text()
    )
    return found


def row(name: str, predicted: float, measured: float) -> float:
    """Print one, and return how far off it is, as a part of what was measured."""
    off = predicted / measured - 1 if measured else 0.0
    print(f"{name:<12} {predicted:>8.2f}s {measured:>8.2f}s {off:>+7.0%}")
    return off


if __name__ == "__main__":
    sys.exit(main())
