"""`flush-cache`: a FLUSHALL at the wrong prompt, or a test suite that was pointed at the real cache."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import redis

from blackstart.engines.base import Executes
from blackstart.evidence import MAX_NAMED
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack

NOTED_AT_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Keys that were there before, and when each ends: a key that is made anew ends at another time."""

    ends_ms: Mapping[bytes, int]
    named: str
    """The one that whoever finds the loss must name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushCache(Fault):
    """FLUSHALL: every key of every database of Redis is gone, from memory and from its append-only file.

    Redis goes on serving, and fills with new carts and sessions; nobody is told of the old ones.
    """

    NAME: ClassVar[str] = "flush-cache"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["flush-cache"] = "flush-cache"

    @property
    def needs(self) -> type:
        """Nothing special: a client."""
        return Executes

    @property
    def target(self) -> str:
        """The cache."""
        return "the cache"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The cache."""
        return ("cache",)

    def names(self, prepared: Noted) -> str:
        """A key that was there for long."""
        return prepared.named

    def prepare(self, shop: Shop) -> Noted:
        """Which keys there are; RuntimeError if there is none: then nobody would lose anything."""
        with shop.cache() as client:
            names = sorted(client.scan_iter(count=NOTED_AT_MOST))[:NOTED_AT_MOST]
            ends = {name: ms for name, ms in _ends(client, names).items() if ms > 0}
        if not ends:
            raise RuntimeError("the cache has no key to be lost that has an end to be known by")
        # A finding has room for the first few names alone; of these, what ends soonest has been there longest.
        named = min(list(ends)[: MAX_NAMED // 2], key=lambda name: ends[name])
        return Noted(ends_ms=ends, named=named.decode(errors="backslashreplace"))

    def inject(self, shop: Shop, prepared: Noted) -> None:
        """Flush it."""
        with shop.cache() as client:
            client.flushall()

    def witness(self, shop: Shop, prepared: Noted) -> str | None:
        """A fresh client finds none of the keys that were there; one of the same name that ends otherwise is new."""
        with shop.cache() as client:
            now = _ends(client, prepared.ends_ms)
        if any(now[name] == ms for name, ms in prepared.ends_ms.items()):
            return None
        count = len(prepared.ends_ms)
        return f"the cache: a fresh client finds none of {count} keys that were there, {prepared.named} among them"


def _ends(client: redis.Redis, names: Iterable[bytes]) -> dict[bytes, int]:
    """When each key ends, in Unix time; below 0: it has no end, or is not there."""
    wanted = list(names)
    with client.pipeline(transaction=False) as pipe:
        for name in wanted:
            pipe.pexpiretime(name)  # type: ignore[arg-type]
        return dict(zip(wanted, pipe.execute(), strict=True))


EXTENSION = FlushCache
