"""One suite for every fault on every engine: a witness that a healthy shop does not move, and that an injector
which does nothing does not either. `tests/soak` injects each of them for real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.conftest import require_engine
from tests.contract.conftest import ROOT, Live, bare_shop

from blackstart import load, registry
from blackstart.activities.backup_schedule import procedure
from blackstart.engines import select
from blackstart.errors import NotConducted
from blackstart.faults.base import Arranges, Heals, Injectable
from blackstart.faults.set_up_wrongly import SetUpWrongly
from blackstart.phases import inject
from blackstart.phases.inject import Injections
from blackstart.phases.stage import Busy, Stage
from blackstart.scenario import Fault, ProcedureSpec
from blackstart.stack import STORES

SAVED = {"database": "pg-dump", "uploads": "uploads-archive", "cache": "redis-rdb"}


def shipped() -> dict[str, Fault]:
    """Each fault as the first of its scenarios has it."""
    found: dict[str, Fault] = {}
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        scenario, _ = load.scenario(path)
        for fault in scenario.faults:
            found.setdefault(fault.kind, fault)
    return found


FAULTS = shipped()


def test_every_fault_has_a_scenario() -> None:
    """A fault that no scenario shows is one that nobody has seen recovered from."""
    assert sorted(registry.faults()) == sorted(FAULTS)


@dataclass(frozen=True, kw_only=True)
class Backed:
    """A live shop with two backups of each role."""

    live: Live

    @property
    def stage(self) -> Stage:
        """Where its run writes things down."""
        return self.live.stage


@pytest.fixture(scope="module")
def backed(live: Live) -> Backed:
    """Made once for the module: faults of backups need some to look at, of different bytes."""
    stage = live.stage
    for cycle in (1, 2):
        with stage.shop.database() as connection:
            connection.execute(f"COMMENT ON TABLE crm.page_views IS 'backed up {cycle} times'".encode())
        with stage.shop.cache() as client:
            client.set("backed-up", cycle)
        stage.shop.engine.plant("uploads", "backed-up", bytes([cycle]))  # type: ignore[attr-defined]
        for role in STORES:
            folder = stage.backups.begin(role, f"{role}-{cycle}")
            made = procedure(ProcedureSpec(kind=SAVED[role])).backup(stage.shop, role, folder, stage.clock, cycle)
            stage.backups.complete(folder, made)
    return Backed(live=live)


def possible(stage: Stage) -> dict[str, Injectable]:
    """The faults that this engine can do on a stack that was set up as the compose file says.

    Those that are arranged from the start need a stack of their own: `test_an_arranged_fault`.
    """
    engine = select.kinds()[stage.plan.engine]
    faults = {kind: cast("Injectable", fault) for kind, fault in FAULTS.items()}
    return {
        kind: fault
        for kind, fault in faults.items()
        if engine.refuses(fault.needs) is None and not isinstance(fault, Arranges)
    }


@pytest.mark.parametrize("engine", sorted(select.kinds()))
def test_what_an_engine_cannot_do_is_refused_in_words(engine: str) -> None:
    """And each can do most."""
    reasons = {kind: select.kinds()[engine].refuses(cast("Injectable", fault).needs) for kind, fault in FAULTS.items()}

    assert [kind for kind, reason in reasons.items() if reason is not None and len(reason.split()) < 4] == []
    assert sum(reason is None for reason in reasons.values()) > len(FAULTS) / 2


def test_a_healthy_shop_moves_no_witness(backed: Backed) -> None:
    """Prepared, nothing done, looked at twice: nobody saw anything."""
    faults, shop = possible(backed.stage), backed.stage.shop
    saw = {}
    for kind, fault in faults.items():
        prepared = fault.prepare(shop)
        saw[kind] = [fault.witness(shop, prepared) for _ in range(2)]

    assert {kind: [None, None] for kind in faults} == saw


def test_an_injector_that_does_nothing_proves_nothing(backed: Backed, monkeypatch: pytest.MonkeyPatch) -> None:
    """NotConducted, with which a run ends as inconclusive."""
    monkeypatch.setattr(inject, "WITNESS_WITHIN_S", 0.2)
    stage, said = backed.stage, {}
    for kind, fault in possible(stage).items():
        with monkeypatch.context() as patch:
            patch.setattr(type(fault), "inject", lambda *_: None)
            prepared = fault.prepare(stage.shop)
            with pytest.raises(NotConducted) as raised:
                struck(stage, fault, prepared)
            said[kind] = raised.value.message

    assert [kind for kind, message in said.items() if not message.startswith("no witness: ")] == []


def test_healing_what_is_whole_changes_nothing(backed: Backed) -> None:
    """Healing may be called again and again; the shop serves on, and the witness sees nothing."""
    shop, saw = backed.stage.shop, {}
    for kind, fault in possible(backed.stage).items():
        if isinstance(fault, Heals):
            prepared = fault.prepare(shop)
            fault.heal(shop, prepared)
            for service in shop.plan.stack.services:
                shop.engine.start(service.name)
            saw[kind] = fault.witness(shop, prepared)

    assert saw
    assert dict.fromkeys(saw) == saw


@pytest.mark.parametrize("kind", [kind for kind, fault in FAULTS.items() if isinstance(fault, Arranges)])
def test_an_arranged_fault(
    kind: str, engine: str, tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a stack set up wrongly, where nothing has happened yet, nobody sees anything; then it happens."""
    fault = cast("Injectable", FAULTS[kind])
    refusal = select.kinds()[engine].refuses(fault.needs)
    if refusal is not None:
        assert "container" in refusal
        return
    with bare_shop(engine, tmp_path, cast("Arranges", fault)) as stage:
        prepared = fault.prepare(stage.shop)
        assert [fault.witness(stage.shop, prepared) for _ in range(2)] == [None, None]
        with monkeypatch.context() as patch:
            patch.setattr(type(fault), "inject", lambda *_: None)
            patch.setattr(inject, "WITNESS_WITHIN_S", 0.2)
            with pytest.raises(NotConducted, match="no witness: "):
                struck(stage, fault, prepared)

        struck(stage, fault, prepared)
        assert fault.witness(stage.shop, prepared) is not None


@pytest.mark.parametrize("kind", [kind for kind, fault in FAULTS.items() if isinstance(fault, SetUpWrongly)])
def test_what_happens_to_a_stack_that_was_set_up_rightly_harms_nothing(
    kind: str, tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made anew, taken down and up, started again: what lies on the named volume stays, and nobody sees a loss."""
    require_engine("docker")
    fault = cast("SetUpWrongly", FAULTS[kind])
    monkeypatch.setattr(type(fault), "folder", lambda _, target: target)
    monkeypatch.setattr(inject, "WITNESS_WITHIN_S", 2.0)
    with bare_shop("docker", tmp_path) as stage:
        prepared = fault.prepare(stage.shop)
        with pytest.raises(NotConducted, match="no witness: "):
            struck(stage, cast("Injectable", fault), prepared)

        assert stage.shop.engine.incarnation(fault.service) is not None


def struck(stage: Stage, fault: Injectable, prepared: Any) -> None:
    """Injected and witnessed, as in a run."""
    injections = Injections(replace(stage, journal=_journal(stage)), cast("Busy", SimpleNamespace()))
    injections._strike(0, cast("Fault", fault), prepared, "now", stage.clock.now())


def _journal(stage: Stage) -> Any:
    """As much of a journal as an injection needs, without the live shop's own."""
    return SimpleNamespace(clock=stage.journal.clock, marks={}, write=lambda *_, **__: 0.0, mark=lambda *_, **__: 0.0)
