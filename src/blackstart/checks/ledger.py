"""`ledger`: every acknowledged write is there or counted as lost, and every row is somebody's write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import ClassVar

from blackstart import loss
from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, Stage
from blackstart.observe import survivors
from blackstart.observe.survivors import Survivors
from blackstart.stack import STORES


class LedgerCheck:
    """A lost tail is not for this check to judge: the recovery point's objective says how much may be lost."""

    NAME: ClassVar[str] = "ledger"
    LAYER: ClassVar[int] = 12
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation a store, and one for the stock; the survivors become evidence."""
        with scene.shop.database(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            known = survivors.Known(
                operations={o.id: o for o in scene.writes.operations()},
                began=scene.began,
                prices=survivors.prices(connection),
            )
            found = {
                "database": survivors.orders(connection, known),
                "uploads": survivors.uploads(connection, scene.files(), known),
                "cache": _carts(scene),
            }
            stock = survivors.stock(connection, scene.seed.stock)
        rows = found["database"].rows | found["uploads"].rows
        evidence: dict[str, list[str]] = {store: sorted(found[store].ids) for store in STORES}
        evidence["rows"] = sorted(rows)
        (scene.evidence / f"survivors-{scene.stage}.json").write_text(json.dumps(evidence))
        for store in STORES:
            yield self._store(scene, store, found[store], rows)
        yield observation(
            LedgerCheck,
            scene,
            "stock",
            expected={"wrong": 0},
            actual={"wrong": len(stock)},
            differences=stock,
        )

    def _store(self, scene: Scene, store: str, found: Survivors, rows: frozenset[str]) -> Observation:
        seen = loss.assess(
            scene.writes.operations(),
            found.ids,
            store=store,
            began_s=scene.seed.complete_s,
            lifted_s=float("inf"),
            t0_s=scene.t0_s,
            rows=None if store == "cache" else rows,
            artefact_began_s=scene.artefact_began_s(store),
        )
        lines = [f"{line}" for line in found.differences]
        lines += [f"no operation explains {op}" for op in seen.unexpected]
        actual = {"unexplained": len(seen.unexpected), "changed": len(found.differences)}
        if scene.stage == "verify":
            actual["holes"] = len(seen.holes)
            lines += [f"hole: {op} is lost although it was acknowledged before a survivor began" for op in seen.holes]
        else:
            newly = [op for op in seen.lost if op not in scene.lost_before.get(store, ())]
            actual["newly lost"] = len(newly)
            lines += [f"acknowledged and lost: {op}" for op in newly]
        return observation(
            LedgerCheck, scene, store, expected=dict.fromkeys(actual, 0), actual=actual, differences=lines
        )


def _carts(scene: Scene) -> Survivors:
    """Carts and sessions by key; what a cart holds is for redis-keys to compare."""
    ids = set()
    seeded = scene.seed.keys
    with scene.shop.cache() as client:
        for pattern in ("cart:*", "session:*"):
            for raw in client.scan_iter(match=pattern, count=500):
                name = raw.decode()
                if name not in seeded:
                    ids.add(name.partition(":")[2])
    return Survivors(ids=frozenset(ids), differences=())


EXTENSION = LedgerCheck
