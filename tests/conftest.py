"""Which engines the tests run on, and the one line that says when Docker's are not among them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from blackstart.engines.docker import Docker

ENGINES = ("embedded", "docker")
LONGEST = ("test_everything_is_found_and_named_and_nothing_healthy_alarms[docker", "tests/contract/", "tests/e2e/")
"""Parts of tests' names, the longest first."""
SHARING = ("tests/contract/", "tests/observe/")
"""Where a file's tests share a shop or a server, one for each engine."""


def pytest_report_header(config: pytest.Config) -> list[str]:
    """The engines, above all results."""
    reason = Docker.missing()
    if reason is None:
        return ["engines: embedded, docker " + Docker.describe()["docker engine"]]
    return [f"engines: embedded; the Docker tests do not run: {reason.splitlines()[0]}"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests begin first, so that no worker ends with one of them while the others have nothing to do."""
    items.sort(key=lambda item: next((n for n, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST)))


class OneShopAWorker(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of one file on one live shop or server are one worker's: each worker would bring up one of its own.

    `--dist=loadgroup` cannot say so: it renames tests, which newer versions of pytest do not let it do.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        if not file.startswith(SHARING):
            return nodeid
        return file + "".join(f" {engine}" for engine in ENGINES if f"[{engine}" in name)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneShopAWorker:
    """How tests are dealt to workers."""
    return OneShopAWorker(config, log)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine by name."""
    name: str = request.param
    require_engine(name)
    return name


def require_engine(name: str) -> None:
    """Skip what an absent engine would run; in CI its absence is a failure."""
    reason = Docker.missing() if name == "docker" else None
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"no Docker in CI: {reason}")
    pytest.skip(reason.splitlines()[0])


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own; runs of other tests and users are out of its reach."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home
