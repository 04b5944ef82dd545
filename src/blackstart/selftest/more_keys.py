"""Keys of the types that the shop does not use, put into its Redis before the backup: other shops use them."""

from __future__ import annotations

from collections.abc import Collection

import redis

from blackstart.errors import NotConducted
from blackstart.waiting import poll

ENDS_SOON = "zoo:ends-soon"
_SOON_S = 20
"""Longer than the bench takes to back Redis up, so that the manifest has the key."""


def load(client: redis.Redis) -> None:
    """One key of each type, and one that ends between the backup and the first case: no case may miss it."""
    client.rpush("zoo:list", "a", "b", "c", "a")
    client.sadd("zoo:set", "a", "b", "ü")
    client.sadd("zoo:numbers", 1, 2, 3)
    client.zadd("zoo:scores", {"a": 1, "b": 0.1, "c": float("-inf")})
    for number in (1, 2, 3):
        client.xadd("zoo:stream", {"number": number, "text": "t"}, id=f"{number}-1")
    client.xgroup_create("zoo:stream", "readers", id="0")
    client.xreadgroup("readers", "one", {"zoo:stream": ">"}, count=2)
    client.pfadd("zoo:counted", "a", "b")
    client.setbit("zoo:bits", 100, 1)
    client.geoadd("zoo:places", (13.4, 52.5, "Berlin"))
    client.set(b"zoo:\xff\x00", b"\x00\xff")
    client.set(ENDS_SOON, "1", ex=_SOON_S)


def ended(client: redis.Redis, backed_up: Collection[str]) -> None:
    """Wait until that one is gone; NotConducted if the backup does not have it, or it stays."""
    if ENDS_SOON not in backed_up or not poll(lambda: not client.exists(ENDS_SOON), within_s=2 * _SOON_S):
        raise NotConducted(f"the key {ENDS_SOON} did not end between the backup and now")
