"""A live shop for each engine, brought up and seeded once, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.conftest import ENGINES, require_engine

from blackstart import folder, planning, ports
from blackstart.backups import BackupStore
from blackstart.checks.base import SeedEvidence
from blackstart.child import Children
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.faults.base import Arranges
from blackstart.journal import Journal
from blackstart.ledger import Ledger
from blackstart.phases.seed import seed
from blackstart.phases.stage import Stage
from blackstart.progress import Progress
from blackstart.shop import Shop
from blackstart.state import StateFolder

ROOT = Path(__file__).parents[2]
SECOND_APP = "storefront-2"


@dataclass(frozen=True, kw_only=True)
class Live:
    """A seeded shop that nobody uses yet, and where its run writes things down."""

    stage: Stage
    seed: SeedEvidence


@pytest.fixture(scope="module", params=ENGINES)
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The shop, removed when the module's tests are over."""
    require_engine(request.param)
    home = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        yield from shop_of(request.param, home)


def shop_of(engine_name: str, home: Path) -> Iterator[Live]:
    """A seeded shop while its one value is in use; removed afterwards."""
    with bare_shop(engine_name, home) as stage:
        yield Live(stage=stage, seed=seed(stage))


@contextmanager
def bare_shop(engine_name: str, home: Path, *faults: Arranges) -> Iterator[Stage]:
    """A shop without a row, set up as these faults have it; removed afterwards."""
    clock = Clock()
    scenario = str(ROOT / "scenarios" / "no-fault.yaml")
    plan, kind = planning.plan_run(scenario, planning.Options(engine=engine_name, seed=5), clock)
    # For whoever runs a second app beside it: no fault of this scenario asks for one.
    more = ports.choose([SECOND_APP], lane=0, lanes=1)
    plan = replace(plan, ports={**plan.ports, **more})
    path = folder.create(home / "reports", plan)
    journal = Journal(path / "journal.jsonl", clock)
    state = StateFolder.create(plan.run_id)
    engine = kind.open(plan, state, Children(state, path / "logs"), Secrets.generate())
    writes, reads = Ledger(path / "ledger.jsonl", clock), Ledger(path / "reads.jsonl", clock)
    backups = BackupStore(state.work / "backups")
    shop = Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=backups)
    try:
        for fault in faults:
            fault.arrange(shop)
        engine.up()
        yield Stage(
            plan=plan,
            shop=shop,
            journal=journal,
            state=state,
            writes=writes,
            reads=reads,
            backups=backups,
            evidence=path / "evidence",
            progress=Progress(clock),
        )
    finally:
        left = engine.close()
        for file in (writes, reads, journal):
            file.close()
        state.remove()
        assert left == []
