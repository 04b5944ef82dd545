"""The lever: pulled, it lets nothing start and interrupts what runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from blackstart import lever, planning, signals
from blackstart.clock import Clock
from blackstart.errors import ExitCode, Interrupted, Refused
from blackstart.waiting import poll


@pytest.fixture
def pulled(state_home: Path) -> Path:
    """A lever that somebody has pulled."""
    lever.path().parent.mkdir(parents=True)
    lever.path().touch()
    return lever.path()


def test_nothing_starts_while_it_is_pulled(pulled: Path) -> None:
    """Exit code 2, and the message says which file it is."""
    with pytest.raises(Refused, match="lever is pulled") as refused:
        planning.plan_run("no-fault", planning.Options(engine="embedded"), Clock())

    assert str(pulled) in refused.value.message
    assert refused.value.exit_code == ExitCode.REFUSED


def test_without_it_everything_is_planned(state_home: Path) -> None:
    """The same plan, when the file is gone."""
    made, _ = planning.plan_run("no-fault", planning.Options(engine="embedded"), Clock())

    assert made.scenario.name == "no-fault"


def test_a_lever_that_is_pulled_interrupts(state_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a signal does, by its own name."""
    monkeypatch.setattr(lever, "LOOK_EVERY_S", 0.01)
    lever.path().parent.mkdir(parents=True)

    def pull_and_go_on() -> None:
        with signals.raised(), lever.watched():
            lever.path().touch()
            poll(lambda: False, within_s=10)

    with pytest.raises(Interrupted, match="interrupted by the lever"):
        pull_and_go_on()


def test_a_lever_that_nobody_pulls_interrupts_nothing(state_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many looks later, nothing has happened."""
    monkeypatch.setattr(lever, "LOOK_EVERY_S", 0.001)
    with signals.raised(), lever.watched():
        assert poll(lambda: False, within_s=0.1) is None
