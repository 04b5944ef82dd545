"""Runs whole drills in this process, with eyes of the test's own on what happens."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from blackstart import planning
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.phases import gate, verify
from blackstart.phases.stage import Stage
from blackstart.progress import Progress
from blackstart.run import run
from blackstart.shop import Shop

ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Conducted:
    """A run, and what was seen beside it."""

    path: Path
    verdict: Mapping[str, Any]
    secrets: list[Secrets] = field(default_factory=list)
    commands: set[str] = field(default_factory=set)
    lost_orders: set[str] | None = None

    @property
    def reasons(self) -> str:
        """All reasons in one text."""
        return "\n".join(self.verdict["reasons"])


def conduct(
    scenario: str | Path,
    engine: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    before_verify: Callable[[Shop], None] | None = None,
    at_the_gate: Callable[[Stage], None] | None = None,
) -> Conducted:
    """Run a scenario; `at_the_gate` is called when the shop is up and seeded, `before_verify` between restore and
    verification."""
    name = str(scenario if isinstance(scenario, Path) else ROOT / "scenarios" / f"{scenario}.yaml")
    seen = Conducted(path=tmp_path, verdict={})
    original = Secrets.generate.__func__  # type: ignore[attr-defined]

    def generate(cls: type[Secrets]) -> Secrets:
        made: Secrets = original(cls)
        seen.secrets.append(made)
        return made

    real_verify = verify.verify

    def looked_at(stage: Stage, *args: Any) -> Any:
        if before_verify is not None:
            before_verify(stage.shop)
        with contextlib.suppress(Exception):
            seen.lost_orders = _lost_orders(stage)
        return real_verify(stage, *args)

    real_gate = gate.gate

    def gated(stage: Stage, *args: Any) -> Any:
        if at_the_gate is not None:
            at_the_gate(stage)
        return real_gate(stage, *args)

    monkeypatch.setattr(gate, "gate", gated)
    monkeypatch.setattr(Secrets, "generate", classmethod(generate))
    monkeypatch.setattr(verify, "verify", looked_at)
    clock = Clock()
    plan, kind = planning.plan_run(name, planning.Options(engine=engine, seed=7), clock)
    with _watching(seen.commands):
        run(plan, kind, tmp_path / "reports", clock=clock, progress=Progress(clock))
    seen.path = tmp_path / "reports" / plan.run_id
    seen.verdict = json.loads((seen.path / "verdict.json").read_text())
    return seen


def _lost_orders(stage: Stage) -> set[str]:
    """By other code than Blackstart's: acknowledged in the ledger's text, absent in the table."""
    asked: dict[str, str] = {}
    acknowledged = set()
    for text in (stage.evidence.parent / "ledger.jsonl").read_text().splitlines():
        line = json.loads(text)
        if line["type"] == "invoke":
            asked[line["id"]] = line["op"]
        elif line["type"] == "ok" and asked[line["id"]] == "order":
            acknowledged.add(line["id"])
    with stage.shop.database() as connection:
        rows = connection.execute("SELECT op_id::text FROM orders WHERE op_id IS NOT NULL").fetchall()
    return acknowledged - {row[0] for row in rows}


@contextlib.contextmanager
def _watching(commands: set[str]) -> Iterator[None]:
    """Collects every command line on the machine, again and again."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for process in Path("/proc").iterdir():  # glob would fail where a process ends while it looks
                with contextlib.suppress(OSError):
                    commands.add((process / "cmdline").read_bytes().decode(errors="replace"))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def processes_under(folder: Path) -> list[str]:
    """Processes whose working folder lies under `folder`, whoever started them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd().startswith(str(folder)):
                found.append(f"{process.pid} {process.name()}")
    return found


def docker_things(prefix: str) -> list[str]:
    """Containers, volumes, networks and images whose name begins with `prefix`, by Docker's own listings."""
    from blackstart.engines.docker.endpoint import resolve

    client = resolve().client()
    names: Sequence[str] = [
        *(c.name or "" for c in client.containers.list(all=True, ignore_removed=True)),
        *(v.name for v in client.volumes.list()),
        *(n.name or "" for n in client.networks.list()),
        *(tag for image in client.api.images() for tag in image["RepoTags"] or ()),
    ]
    return [name for name in names if name.startswith(prefix)]


def assert_no_secrets(conducted: Conducted) -> None:
    """No generated password in any file of the run, nor on any command line while it ran."""
    (secrets,) = conducted.secrets
    for secret in (secrets.database, secrets.cache):
        files = [p for p in conducted.path.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]
        commands = [command for command in conducted.commands if secret in command]
        assert (files, commands) == ([], [])
    assert any("postgres" in command for command in conducted.commands), "the watcher saw nothing"


def assert_nothing_left(conducted: Conducted, state_home: Path) -> None:
    """No state folder, no process, no container, volume or network."""
    project = json.loads((conducted.path / "plan.json").read_text())["project"]
    things = docker_things(project) if conducted.verdict["engine"] == "docker" else []

    assert conducted.verdict["leftovers"] == []
    assert list((state_home / "blackstart").iterdir()) == []
    assert processes_under(state_home) == []
    assert things == []


def assert_hashes(path: Path) -> None:
    """manifest.sha256 is what sha256sum accepts."""
    done = subprocess.run(["sha256sum", "--check", "--quiet", "manifest.sha256"], cwd=path, check=False)
    assert done.returncode == 0
