"""Fills the shop's Redis: sessions, carts and page counters, all with an end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Final

import redis

from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, moment, skewed, stream, uuid4
from blackstart.seeding.scale import Scale

# Longer than any drill takes: a key that is gone was lost, it did not end.
SHORTEST_MS: Final = 2 * 3_600_000
LONGEST_MS: Final = 7 * 24 * 3_600_000

_BATCH: Final = 1_000
_LOCALES: Final = ("en_US", "de_DE", "pl_PL", "el_GR")
_BROWSERS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
    "shop-app/7.4 (Android 15; Größe L)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key: a hash where `value` is a dict, else a string. It ends `lifetime_ms` after the seeding."""

    key: str
    value: dict[str, str] | str | int
    lifetime_ms: int


def load(client: redis.Redis, scale: Scale, seed: int, *, now: float) -> int:
    """Write every entry with an absolute expiry counted from `now` (Unix time in s); return how many keys.

    redis.RedisError passes through, and then some of the keys may have been written.
    """
    start_ms = int(now * 1_000)
    remaining = entries(scale, seed)
    written = 0
    while batch := list(islice(remaining, _BATCH)):
        with client.pipeline(transaction=False) as pipeline:
            for entry in batch:
                if isinstance(entry.value, dict):
                    pipeline.hset(entry.key, items=[text for field in entry.value.items() for text in field])
                else:
                    pipeline.set(entry.key, entry.value)
                pipeline.pexpireat(entry.key, start_ms + entry.lifetime_ms)
            pipeline.execute()
        written += len(batch)
    return written


def entries(scale: Scale, seed: int) -> Iterator[Entry]:
    """Yield sessions, carts and one view counter a product; every key once, the same ones for a seed."""
    yield from _sessions(stream(seed, "sessions"), scale)
    yield from _carts(stream(seed, "carts"), scale)
    rng = stream(seed, "views")
    for product_id in range(1, scale.products + 1):
        yield _entry(rng, f"views:product:{product_id}", 1 + int(50_000 * skewed(rng)))


def _sessions(rng: Random, scale: Scale) -> Iterator[Entry]:
    for _ in range(scale.sessions):
        fields = {
            "customer_id": str(rng.randrange(1, scale.customers + 1)),
            "started_at": moment(rng, FIRST_ORDER, EPOCH).isoformat(),
            "locale": rng.choice(_LOCALES),
            "user_agent": rng.choice(_BROWSERS),
        }
        yield _entry(rng, f"session:{uuid4(rng)}", fields)


def _carts(rng: Random, scale: Scale) -> Iterator[Entry]:
    for _ in range(scale.carts):
        wanted = dict.fromkeys(rng.randrange(1, scale.products + 1) for _ in range(rng.randrange(5)))
        cart = {
            "customer_id": rng.randrange(1, scale.customers + 1),
            "items": [{"product_id": product, "quantity": rng.randrange(1, 4)} for product in wanted],
        }
        yield _entry(rng, f"cart:{uuid4(rng)}", json.dumps(cart, sort_keys=True, separators=(",", ":")))


def _entry(rng: Random, key: str, value: dict[str, str] | str | int) -> Entry:
    return Entry(key=key, value=value, lifetime_ms=rng.randint(SHORTEST_MS, LONGEST_MS))
