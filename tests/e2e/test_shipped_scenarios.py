"""The scenarios that ship, for real, on every engine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from tests.e2e.harness import Conducted, conduct, docker_things, processes_under

SCENARIOS = ("no-fault", "kill-database", "delete-database-volume")


@pytest.fixture(params=SCENARIOS)
def conducted(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> Conducted:
    """A run of a shipped scenario."""
    return conduct(request.param, engine, tmp_path, monkeypatch)


def test_a_shipped_scenario_is_green_and_true(conducted: Conducted, state_home: Path) -> None:
    """It passes; its losses are those that other code counts; no secret and nothing of ours is left."""
    verdict = conducted.verdict

    assert verdict["reasons"] == conducted.verdict["reasons"]
    assert (verdict["verdict"], verdict["exit_code"]) == ("pass", 0), conducted.reasons
    assert {check["outcome"] for check in verdict["checks"]} == {"pass"}
    assert verdict["rpo"]["acknowledged"] > 0 or verdict["scenario"] == "no-fault"
    _assert_figures(conducted)
    _assert_no_secrets(conducted)
    _assert_nothing_left(conducted, state_home)
    _assert_hashes(conducted.path)


def _assert_figures(conducted: Conducted) -> None:
    """Marks in order, phases that sum up, and the losses that the scenario must have."""
    rto, rpo = conducted.verdict["rto"], conducted.verdict["rpo"]
    if conducted.verdict["scenario"] == "no-fault":
        assert (rto["actual_s"], rto["phases"]) == (None, None)
        return
    marks = [rto["marks"][name] for name in ("T0", "T1", "T2", "Tf", "T3", "T4", "T5", "T6", "T7", "T8")]
    lost = set(rpo["stores"]["database"]["lost_operations"])

    assert marks == sorted(marks)
    assert list(rto["phases"]) == ["detect", "decide", "provision", "restore", "start", "verify", "resume"]
    assert sum(rto["phases"].values()) == pytest.approx(rto["actual_s"], abs=1e-4)
    assert all(injection["witness"] for injection in conducted.verdict["injections"])
    assert lost == conducted.lost_orders
    if conducted.verdict["scenario"] == "kill-database":
        assert (rpo["lost"], rpo["actual_s"]) == (0, 0)
    else:
        _assert_loss_is_bounded(conducted)


def _assert_loss_is_bounded(conducted: Conducted) -> None:
    """0 < RPO actual ≤ interval + backup duration + 1 s, in the database that was restored."""
    rpo = conducted.verdict["rpo"]["stores"]["database"]
    plan = json.loads((conducted.path / "plan.json").read_text())
    events = [json.loads(line) for line in (conducted.path / "journal.jsonl").read_text().splitlines()]
    backups = [event["data"] for event in events if event["event"] == "backup" and not event["data"]["error"]]
    began = {b["cycle"]: b["started_s"] for b in reversed(backups)}
    longest = max(b["completed_s"] - began[b["cycle"]] for b in backups)

    assert rpo["lost"] > 0
    assert 0 < rpo["actual_s"] <= plan["scenario"]["backup"]["every"] + longest + 1
    assert conducted.verdict["backup"]["sha256"]


def _assert_no_secrets(conducted: Conducted) -> None:
    """No generated password in any file of the run, nor on any command line while it ran."""
    (secrets,) = conducted.secrets
    for secret in (secrets.database, secrets.cache):
        files = [p for p in conducted.path.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]
        commands = [command for command in conducted.commands if secret in command]
        assert (files, commands) == ([], [])
    assert any("postgres" in command for command in conducted.commands), "the watcher saw nothing"


def _assert_nothing_left(conducted: Conducted, state_home: Path) -> None:
    """No state folder, no process, no container, volume or network."""
    project = json.loads((conducted.path / "plan.json").read_text())["project"]
    things = docker_things(project) if conducted.verdict["engine"] == "docker" else []

    assert conducted.verdict["leftovers"] == []
    assert list((state_home / "blackstart").iterdir()) == []
    assert processes_under(state_home) == []
    assert things == []


def _assert_hashes(path: Path) -> None:
    """manifest.sha256 is what sha256sum accepts."""
    done = subprocess.run(["sha256sum", "--check", "--quiet", "manifest.sha256"], cwd=path, check=False)
    assert done.returncode == 0
