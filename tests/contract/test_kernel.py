"""What the kernel of a daemon cannot do is refused by the plan, and told by the list of faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import require_engine
from tests.contract.conftest import ROOT, bare_shop

from blackstart import catalogue, planning
from blackstart.clock import Clock
from blackstart.engines.base import Engine
from blackstart.engines.docker import endpoint, images, network
from blackstart.engines.network import ResetsConnections, SlowsNetwork
from blackstart.errors import InputRefused, NotConducted

BROKEN = ["sh", "-c", "tc qdisc add dev lo root nonesuch"]


@pytest.fixture(
    params=[("slow-database", SlowsNetwork), ("reset-redis-connections", ResetsConnections)], ids=lambda p: p[0]
)
def scenario(request: pytest.FixtureRequest, tmp_path: Path, state_home: Path) -> tuple[str, type]:
    """A scenario, and what it needs of the kernel; the image of tools is there, since somebody has asked for it."""
    require_engine("docker")
    name, needs = request.param
    with bare_shop("docker", tmp_path) as stage:
        get_ready(stage.shop.engine, needs)
    return str(ROOT / "scenarios" / f"{name}.yaml"), needs


def get_ready(engine: Engine, needs: type) -> None:
    """What the fault does first."""
    assert isinstance(engine, SlowsNetwork)
    assert isinstance(engine, ResetsConnections)
    (engine.get_ready_to_slow if needs is SlowsNetwork else engine.get_ready_to_reset)()


def test_a_kernel_that_cannot_do_it_is_refused_before_anything_starts(
    scenario: tuple[str, type], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the plan, with the kernel's own words; were the image made only now, by the fault's first step."""
    path, needs = scenario
    options = planning.Options(engine="docker")
    assert planning.plan_run(path, options, Clock())[0].engine == "docker"

    network._tried.cache_clear()
    monkeypatch.setitem(network._TRIALS, needs, ("do it", BROKEN))
    try:
        with monkeypatch.context() as patch:  # where the image is not there yet, that is no answer for later
            patch.setattr(images, "TOOLS", "blackstart/nobody-made-this:latest")
            assert network.refusal(endpoint.resolve(), needs) is None
        with pytest.raises(InputRefused, match="this daemon's kernel cannot do it: "):
            planning.plan_run(path, options, Clock())
        assert any("kernel cannot do it: " in line for line in catalogue.table())
        with bare_shop("docker", tmp_path / "again") as stage, pytest.raises(NotConducted, match="cannot do it"):
            get_ready(stage.shop.engine, needs)
    finally:
        network._tried.cache_clear()


def test_faults_are_listed_where_no_daemon_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what Docker could do, and why it is not here."""
    endpoint.resolve.cache_clear()
    monkeypatch.setenv("DOCKER_HOST", "unix:///nobody-listens-here.sock")
    try:
        lines = list(catalogue.table())
    finally:
        endpoint.resolve.cache_clear()

    assert lines[-1].startswith("docker is not here (")
    assert any(line.startswith("out-of-memory") and line.split()[1:3] == ["yes", "no"] for line in lines)
