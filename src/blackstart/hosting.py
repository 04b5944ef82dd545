"""A run's engine while it lasts: afterwards its logs are kept, and all that it made is removed."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blackstart import ports, signals
from blackstart.child import Children
from blackstart.credentials import Secrets
from blackstart.engines.base import Engine, EngineKind
from blackstart.journal import Journal
from blackstart.plan import Plan
from blackstart.state import StateFolder


@contextmanager
def hosted(
    plan: Plan, kind: EngineKind, state: StateFolder, path: Path, journal: Journal, left: list[str]
) -> Iterator[Engine]:
    """The engine of a plan; what could not be removed afterwards is put on the list `left`."""
    # A shop that is kept goes on logging, and what is in a run's folder must not change any more.
    logs = state.path / "logs" if plan.keep else path / "logs"
    logs.mkdir(exist_ok=True)
    children = Children(state, logs, outlive=plan.keep)
    engine = kind.open(plan, state, children, Secrets.generate())
    try:
        with ports.held(plan.ports.values()):
            yield engine
    finally:
        with signals.held():
            _save_logs(engine.logs(), path / "logs")
            if plan.keep:
                shutil.copytree(logs, path / "logs", dirs_exist_ok=True)
            else:
                left += _closed(engine, state)
            journal.write("leftovers", {"left": left})


def _closed(engine: Engine, state: StateFolder) -> list[str]:
    """What could not be removed; a removal that fails is itself something left."""
    try:
        return [*engine.close(), *state.clear()]
    except Exception as error:  # noqa: BLE001 -- it must be told, and the state folder kept for `sweep`
        return [f"unknown: cleaning up failed: {type(error).__name__}: {error}"]


def _save_logs(logs: Iterator[tuple[str, str]], path: Path) -> None:
    try:
        for name, text in logs:
            (path / f"{name}.log").write_text(text)
    except Exception:  # noqa: BLE001 -- logs help people; their lack must not keep the shop from being removed
        (path / "logs-missing.txt").write_text(traceback.format_exc())
