"""Random numbers and moments that are the same on every machine and on every day."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

# Every seeded moment lies before this one, and every moment of a drill after it.
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
# What a customer needs in order to buy (an account, a product) is older than any order.
OPENED = EPOCH - timedelta(days=3 * 365)
FIRST_ORDER = EPOCH - timedelta(days=365)


def stream(seed: int, *names: str | int) -> Random:
    """Return the random numbers that belong to `names` under `seed`, unrelated to any other names' numbers.

    The state comes from a digest of the names, because `hash()` of a text changes with each process.
    """
    digest = hashlib.sha256("/".join(map(str, (seed, *names))).encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))


def skewed(rng: Random) -> float:
    """Return a number in [0, 1), small ones far more often.

    Products of uniform numbers are the same on every processor; powers and logarithms need not be.
    """
    return rng.random() * rng.random()


def uuid4(rng: Random) -> UUID:
    """Return a version 4 UUID made from `rng` and nothing else."""
    return UUID(int=rng.getrandbits(128), version=4)


def ascending(rng: Random, n: int, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield `n` moments in ascending order within [start, end), one at a time."""
    step = (end - start) / max(n, 1)
    for i in range(n):
        yield start + step * (i + rng.random() * 0.999)


def moment(rng: Random, start: datetime, end: datetime) -> datetime:
    """Return one moment within [start, end), to the microsecond."""
    return start + (end - start) * (rng.random() * 0.999999)
