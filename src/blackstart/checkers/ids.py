"""Ids that the shop issues (order numbers): one id belongs to one operation.

A restored sequence goes on from where the backup was, so every restore from one issues the ids of lost
operations again: a warning, because customers hold them. An id that two survivors share is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

VERSION: int = 1

Ids = Mapping[str, int]
"""Operation to the id that it was acknowledged with."""
Rows = Mapping[str, Collection[int]]
"""Operation to the ids of the rows that are there of it, whether it was acknowledged or not."""


def issued_again(acknowledged: Ids, lost: Collection[str], rows: Rows) -> dict[str, str]:
    """Lost operation to the one that got its id: two customers hold it, and one of them has nothing."""
    holders = _holders({op: number for op, number in acknowledged.items() if op not in lost}, rows)
    again = {}
    for op, number in acknowledged.items():
        others = [other for other in holders.get(number, ()) if other != op]
        if op in lost and others:
            again[op] = others[0]
    return again


def shared(acknowledged: Ids, lost: Collection[str], rows: Rows) -> dict[int, tuple[str, ...]]:
    """Id to the operations that have it, two or more: acknowledged with it and not lost, or with a row of that id."""
    holders = _holders({op: number for op, number in acknowledged.items() if op not in lost}, rows)
    return {number: tuple(sorted(ops)) for number, ops in sorted(holders.items()) if len(ops) > 1}


def _holders(acknowledged: Ids, rows: Rows) -> dict[int, list[str]]:
    """Id to the operations that have it, each once: the acknowledged ones first."""
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for op, number in acknowledged.items():
        found[number][op] = None
    for op, numbers in rows.items():
        for number in numbers:
            found[number][op] = None
    return {number: list(ops) for number, ops in found.items()}
