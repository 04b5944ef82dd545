"""Random numbers and moments, one at a time, that are the same on every machine and on every day."""

import hashlib
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

# Every seeded moment lies before this one, and every moment of a drill after it.
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
# What a customer needs in order to buy (an account, a product) is older than any order.
OPENED = EPOCH - timedelta(days=3 * 365)
FIRST_ORDER = EPOCH - timedelta(days=365)


def stream(seed: int, *names: str | int) -> Random:
    """Return the random numbers that belong to `names` under `seed`, unrelated to any other names' numbers."""
    return Random(key(seed, *names, bits=128))


def key(seed: int, *names: str | int, bits: int) -> int:
    """Return a number of so many bits that belongs to `names` under `seed`.

    It comes from a digest of the names, because `hash()` of a text changes with each process.
    """
    digest = hashlib.sha256("/".join(map(str, (seed, *names))).encode()).digest()
    return int.from_bytes(digest[: bits // 8], "big")


def skewed(rng: Random) -> float:
    """Return a number in [0, 1), small ones far more often.

    Products of uniform numbers are the same on every processor; powers and logarithms need not be.
    """
    return rng.random() * rng.random()


def uuid4(rng: Random) -> UUID:
    """Return a version 4 UUID made from `rng` and nothing else."""
    return UUID(int=rng.getrandbits(128), version=4)


def moment(rng: Random, start: datetime, end: datetime) -> datetime:
    """Return one moment within [start, end), to the microsecond."""
    return start + (end - start) * (rng.random() * 0.999999)
