"""Two readers of one compose file see the same stack."""

from __future__ import annotations

import pytest
from tests.conftest import require_engine

from blackstart import stacks
from blackstart.engines.docker.compose import read_stack as read_with_compose
from blackstart.engines.embedded.reader import read_stack as read_strictly


@pytest.mark.parametrize("name", stacks.names())
def test_compose_and_the_strict_reader_agree(name: str) -> None:
    """`docker compose config` and the reader without Docker give equal Stacks for every file we ship."""
    require_engine("docker")
    path = stacks.folder(name) / "compose.yaml"

    assert read_with_compose(path) == read_strictly(path)
