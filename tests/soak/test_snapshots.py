"""A thousand healthy snapshots of a busy shop raise not one false alarm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.conftest import Live, shop_of
from tests.contract.test_holes import assert_no_false_alarm, snapshots

SNAPSHOTS = 1000


@pytest.fixture
def embedded(tmp_path: Path, state_home: Path) -> Iterator[Live]:
    """A seeded shop on the embedded engine."""
    yield from shop_of("embedded", tmp_path)


def test_a_thousand_snapshots_under_sixteen_customers_have_no_hole(embedded: Live) -> None:
    """Taken while customers buy, each lacks a tail of acknowledged orders and nothing else; nor do all in a row."""
    reads = snapshots(embedded, SNAPSHOTS, within_s=1800)

    assert SNAPSHOTS == len(reads)
    assert_no_false_alarm(embedded.stage.writes.operations(), reads)
