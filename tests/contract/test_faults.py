"""Every volume fault's witness, on every engine: it stands after the harm, and not without it."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest
from tests.contract.conftest import Live

from blackstart.errors import NotConducted
from blackstart.faults.delete_volume import DeleteVolume
from blackstart.faults.down_volumes import DownVolumes
from blackstart.faults.planted import plant

FAULTS = [DeleteVolume(volume="uploads"), DownVolumes()]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind)
def test_without_harm_there_is_no_witness(fault: DeleteVolume | DownVolumes, live: Live) -> None:
    """Planted, looked for and found: nothing is gone."""
    assert fault.witness(live.stage.shop, fault.prepare(live.stage.shop)) is None  # type: ignore[arg-type]


def test_one_volume_that_stays_is_no_witness_of_all_being_gone(live: Live) -> None:
    """Two files are out of reach, the third is not."""
    shop = live.stage.shop
    before = DownVolumes().prepare(shop)
    gone = [type(before[0])(volume=planted.volume, name="never-planted") for planted in before[:2]]

    assert DownVolumes().witness(shop, (*gone, before[2])) is None


def test_a_volume_that_a_backup_reads_is_deleted_all_the_same(live: Live) -> None:
    """Whoever holds it goes first, a helper in the middle of reading included."""
    engine, fault = live.stage.shop.engine, DeleteVolume(volume="uploads")
    before = fault.prepare(live.stage.shop)
    began = threading.Event()

    def read() -> None:
        # On Docker the reader's container is killed, which reading notices.
        with contextlib.suppress(NotConducted), engine.read_volume("uploads") as tar:
            while tar.read(1 << 15):
                began.set()
                time.sleep(0.02)

    reader = threading.Thread(target=read)
    reader.start()
    assert began.wait(30)
    fault.inject(live.stage.shop, before)
    reader.join(30)
    said = fault.witness(live.stage.shop, before)
    engine.create_volume("uploads")

    assert not reader.is_alive()
    assert said is not None


def test_compose_does_not_get_to_remove_a_stranger(live: Live) -> None:
    """A container with all our labels copied, Compose's too: the run stops rather than let Compose tidy it up."""
    if live.stage.plan.engine != "docker":
        return  # there are no containers whose labels could be copied
    from blackstart.engines.docker.endpoint import resolve

    client, project = resolve().client(), live.stage.plan.project
    ours = client.containers.get(f"{project}-redis-1")
    image = str(ours.attrs["Image"])
    stranger = client.containers.create(image, ["-c", "sleep 300"], entrypoint="sh", labels=ours.labels)
    try:
        with pytest.raises(NotConducted, match="is not this run's"):
            live.stage.shop.engine.start("redis")
        stranger.reload()
        with pytest.raises(NotConducted, match="is not this run's"):
            DownVolumes().inject(live.stage.shop, ())
        stranger.reload()
    finally:
        stranger.remove(force=True)


def test_the_last_one_takes_everything_down(live: Live) -> None:
    """All three files are out of reach, and no service runs. (Nothing after this test has a shop.)"""
    shop = live.stage.shop
    before = DownVolumes().prepare(shop)
    DownVolumes().inject(shop, before)
    said = DownVolumes().witness(shop, before)

    assert said is not None
    assert all(planted.volume in said for planted in before)
    assert {None} == {shop.engine.incarnation(service.name) for service in shop.plan.stack.services}
    with pytest.raises(NotConducted, match="does not exist"):
        plant(shop.engine, "uploads")  # type: ignore[arg-type]
