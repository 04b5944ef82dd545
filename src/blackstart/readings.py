"""What one look at the shop found of the customers' operations. Its text is evidence/survivors-<stage>.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blackstart.stack import STORES

Elements = Mapping[str, int]
"""Operation to how often it is there."""
Numbers = Mapping[str, tuple[int, ...]]
"""Operation to the ids of its rows."""
Inventory = Mapping[str, tuple[int, int]]
"""Product to version and stock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All stores at one stage; times are seconds since the run began."""

    began_s: float
    ended_s: float
    elements: Mapping[str, Elements]
    """By store, the operations that are there whole."""
    numbers: Mapping[str, Numbers]
    """By store, the operations that have a row in the database, whatever else they lack."""
    inventory: Inventory

    def to_json(self) -> str:
        """Ids by store, `rows` for all that the database has; copies are named where there is more than one."""
        copies = {store: {op: n for op, n in self.elements[store].items() if n > 1} for store in STORES}
        return json.dumps(
            {
                **{store: sorted(self.elements[store]) for store in STORES},
                "rows": sorted({op for numbers in self.numbers.values() for op in numbers}),
                "began_s": self.began_s,
                "ended_s": self.ended_s,
                "copies": {store: found for store, found in copies.items() if found},
                "numbers": self.numbers,
                "inventory": self.inventory,
            }
        )


def parse(text: str) -> Reading:
    """The reading that a text says; ValueError, LookupError or TypeError if it is none."""
    read: Mapping[str, Any] = json.loads(text)
    copies = read["copies"]
    return Reading(
        began_s=read["began_s"],
        ended_s=read["ended_s"],
        elements={store: {op: copies.get(store, {}).get(op, 1) for op in read[store]} for store in STORES},
        numbers={store: {op: tuple(ids) for op, ids in by.items()} for store, by in read["numbers"].items()},
        inventory={product: (version, stock) for product, (version, stock) in read["inventory"].items()},
    )
