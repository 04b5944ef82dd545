"""The three stores of the shop in one value: PostgreSQL, Redis, the uploads volume."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from .database import Database
from .errors import Unavailable
from .settings import Settings


class Cache:
    """Redis. Commands end within a second and are never sent twice."""

    def __init__(self, settings: Settings) -> None:
        self._client = redis.Redis(
            host=settings.redis.host,
            port=settings.redis.port,
            password=settings.redis_password,
            decode_responses=True,
            socket_timeout=1,
            socket_connect_timeout=1,
            # The client's default would repeat a command whose first answer was lost.
            retry=Retry(NoBackoff(), 0),
        )

    @contextlib.contextmanager
    def commands(self) -> Iterator["redis.Redis"]:
        """The client; any of its errors within the block becomes Unavailable."""
        try:
            yield self._client
        except redis.RedisError as error:
            raise Unavailable("redis", error) from error


@dataclass(frozen=True, slots=True)
class Stores:
    """What a handler needs to serve a request."""

    database: Database
    cache: Cache
    uploads_dir: Path
    served_by: str

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Nothing is connected yet: the service starts whatever state its stores are in."""
        return cls(Database(settings.database), Cache(settings), settings.uploads_dir, settings.served_by)
