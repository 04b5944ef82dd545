"""`catalog`: every object is defined, owned, granted and commented as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import psycopg

from blackstart.catalog_differences import Change, changes, line
from blackstart.checks.base import Scene, observation
from blackstart.errors import NotConducted
from blackstart.evidence import Facts, Observation, Stage
from blackstart.observe import catalog, replay


class Catalog:
    """Facts are compared as they are written; where the server may write one in two ways, it is asked."""

    NAME: ClassVar[str] = "catalog"
    LAYER: ClassVar[int] = 8
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for each class of which there is, or should be, an object."""
        expected = scene.expected_tables().catalog
        if not expected:
            raise NotConducted("nobody knows what the catalog should be: none was read before")
        with scene.shop.database(autocommit=False) as connection:
            actual = catalog.read(connection)
            for kind in sorted(expected.keys() | actual.keys()):
                objects, found = expected.get(kind, {}), actual.get(kind, {})
                if objects or found:
                    yield _of_kind(scene, kind, len(objects), compare(connection, kind, objects, found))


def compare(
    connection: psycopg.Connection[Any], kind: str, expected: Mapping[str, Facts], actual: Mapping[str, Facts]
) -> list[Change]:
    """What differs within one class of object, and not in its words alone."""
    return [
        change
        for change in changes(expected, actual)
        if change.what != "changed"
        or not replay.same(connection, kind, change.fact, expected[change.object], actual[change.object])
    ]


def _of_kind(scene: Scene, kind: str, objects: int, found: Sequence[Change]) -> Observation:
    harmful = [change for change in found if not change.harmless]
    return observation(
        Catalog,
        scene,
        kind,
        expected={"objects": objects},
        actual={"objects": objects + _count(harmful, "extra") - _count(harmful, "missing")},
        differences=[line(kind, change) for change in harmful],
        warnings=[line(kind, change) for change in found if change.harmless],
    )


def _count(found: Sequence[Change], what: str) -> int:
    return sum(change.what == what for change in found)


EXTENSION = Catalog
