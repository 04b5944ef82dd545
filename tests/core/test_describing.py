"""What a dry run prints: each target by the name that it will have, and every step in its order."""

from __future__ import annotations

import pytest

from blackstart import describing, planning
from blackstart.clock import Clock
from blackstart.engines import select


def described(name: str) -> list[str]:
    plan, _ = planning.plan_run(name, planning.Options(engine="embedded", seed=3), Clock())
    lines = list(describing.described(plan, select.kinds()["docker"]))
    return [line.replace(plan.project, "PROJECT") for line in lines]


def test_targets_are_named() -> None:
    """Containers and volumes as Docker will know them, where they listen, and which of them is broken."""
    lines = described("delete-database-volume")

    assert any(line.startswith("  database: container PROJECT-database-1 at 127.0.0.1:") for line in lines)
    assert "  postgres_data: volume PROJECT_postgres_data" in lines
    assert any("breaks postgres_data (volume PROJECT_postgres_data) by delete-volume" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("no-fault", ["brings the stack up", "gate: ", "trades on"]),
        ("pause-database", ["breaks database", "heals pause after 5.0 s", "waits until the probe", "fence"]),
        (
            "drop-table",
            ["breaks public.reviews", "waits until row-counts has found it", "restores database"],
        ),
        ("truncated-dump", ["waits until the probe", "passes over backups that artefact finds spoilt", "restores"]),
        ("killed-restore", ["restores database", "strikes the recovery (restore): kill-container", "verifies behind"]),
    ],
)
def test_steps_are_in_their_order(name: str, steps: list[str]) -> None:
    """As the run will take them."""
    lines = described(name)
    places = [next(n for n, line in enumerate(lines) if step in line) for step in steps]

    assert places == sorted(places)


def test_a_runbook_is_told_step_by_step() -> None:
    """It runs commands that somebody wrote: who looks before anything starts sees each of them."""
    lines = described("clean-up-script")

    assert any(": exec pg_dump --format=custom; exec pg_restore --file=/dev/null" in line for line in lines)
    assert any("restores uploads by runbook: exec find . -mindepth 1 -delete; exec tar" in line for line in lines)
    assert any(line.endswith("restores cache by redis-rdb") for line in lines)
