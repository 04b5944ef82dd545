"""`ledger`: every acknowledged write is there or counted as lost, and every row is somebody's write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import psycopg

from blackstart import histories
from blackstart.checks.base import Scene
from blackstart.evidence import Observation, Stage
from blackstart.histories import Look
from blackstart.observe import survivors
from blackstart.observe.survivors import Survivors
from blackstart.readings import Reading


class LedgerCheck:
    """A lost tail is not for this check to judge: the recovery point's objective says how much may be lost."""

    NAME: ClassVar[str] = histories.CHECK
    LAYER: ClassVar[int] = histories.LAYER
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """Read all stores, keep the reading as evidence, and judge it by what is evidence too."""
        reading = _read(scene)
        (scene.evidence / f"survivors-{scene.stage}.json").write_text(reading.to_json())
        database = scene.restored.get("database")
        yield from histories.judge(
            Look(
                stage=scene.stage,
                reading=reading,
                earlier=scene.readings,
                operations=scene.writes.operations(),
                seeded_s=scene.seed.complete_s,
                stock=scene.seed.stock,
                restored_s=database.manifest.snapshot_s if database else None,
                until_s=database.manifest.until_s if database else None,
                archived_s=scene.artefact_began_s("uploads"),
            )
        )


def _read(scene: Scene) -> Reading:
    began_s = scene.writes.now()
    with scene.shop.database(autocommit=False) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        stores = _stores(scene, connection)
        stock = survivors.stock(connection, scene.seed.stock)
        inventory = survivors.inventory(connection)
    return Reading(
        began_s=began_s,
        ended_s=scene.writes.now(),
        elements={store: found.elements for store, found in stores.items()},
        numbers={store: found.rows for store, found in stores.items() if store != "cache"},
        inventory=inventory,
        changed={store: found.differences for store, found in stores.items()},
        orders=stores["database"].orders,
        stock=stock,
    )


def _stores(scene: Scene, connection: psycopg.Connection[Any]) -> dict[str, Survivors]:
    known = survivors.Known(
        operations={o.id: o for o in scene.writes.operations()},
        began=scene.began,
        prices=survivors.prices(connection),
    )
    return {
        "database": survivors.orders(connection, known),
        "uploads": survivors.uploads(connection, scene.files(), known),
        "cache": _carts(scene),
    }


def _carts(scene: Scene) -> Survivors:
    """Carts and sessions by key; what a cart holds is for redis-keys to compare."""
    found = {}
    seeded = scene.seed.keys
    with scene.shop.cache() as client:
        for pattern in ("cart:*", "session:*"):
            for raw in client.scan_iter(match=pattern, count=500):
                name = raw.decode()
                if name not in seeded:
                    found[name.partition(":")[2]] = 1
    return Survivors(elements=found, differences=())


EXTENSION = LedgerCheck
