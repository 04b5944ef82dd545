"""A volume with a file system of its own, on every engine that can: it can be filled, and nobody else's can."""

from __future__ import annotations

import pytest
from tests.contract.conftest import Live

from blackstart.engines import select
from blackstart.engines.base import BoundsVolumes
from blackstart.errors import NotConducted
from blackstart.faults.fill_disk import FILLER, FillDisk

FAULT = FillDisk(volume="uploads", size=16e6)


def bounding(live: Live) -> BoundsVolumes | None:
    """The engine; None if it refuses, which the tests of refusals read."""
    if select.kinds()[live.stage.plan.engine].refuses(BoundsVolumes):
        return None
    engine = live.stage.shop.engine
    assert isinstance(engine, BoundsVolumes)
    return engine


def test_a_file_system_that_is_somebody_elses_is_not_filled(live: Live) -> None:
    """Neither prepared for, nor by an injector that nobody prepared."""
    engine, shop = bounding(live), live.stage.shop
    if engine is None:
        return
    with pytest.raises(RuntimeError, match=r"not 16 MB: not filled$"):
        FAULT.prepare(shop)
    with pytest.raises(NotConducted):
        FAULT.inject(shop, None)

    assert engine.find("uploads", FILLER) is None


def test_a_bounded_volume_keeps_what_it_holds_and_can_be_full(live: Live) -> None:
    """Whoever uses it comes and goes; full, it takes nothing more; emptied, it does, and what it held is there."""
    engine, shop = bounding(live), live.stage.shop
    if engine is None:
        return
    engine.delete_volume("uploads")
    engine.bound_volume("uploads", int(FAULT.size))
    engine.create_volume("uploads")
    engine.create_volume("uploads")  # one that is there stays as it is
    engine.plant("uploads", "saved", b"before")
    FAULT.prepare(shop)
    before = FAULT.witness(shop, None)
    FAULT.inject(shop, None)
    full = FAULT.witness(shop, None)
    FAULT.heal(shop, None)
    after = FAULT.witness(shop, None)
    held = engine.find("uploads", "saved")
    engine.delete_volume("uploads")
    engine.create_volume("uploads")

    assert (before, after) == (None, None)
    assert full is not None
    assert full.endswith("of 16 MB 0 B are free")
    assert held == b"before"
    assert engine.find("uploads", "saved") is None
