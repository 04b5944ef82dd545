"""Redis as it was, to be put back after a case has spoilt it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import redis


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedKeys:
    """Every key as DUMP gives it, with its absolute expiry in milliseconds (0: never)."""

    dumps: tuple[tuple[bytes, int, bytes], ...]

    @classmethod
    def of(cls, client: redis.Redis) -> SavedKeys:
        """All keys of the server's first database."""
        names = sorted(client.scan_iter(count=500))
        with client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.pexpiretime(name)
                pipe.dump(name)
            answers = pipe.execute()
        rows = zip(names, answers[::2], answers[1::2], strict=True)
        return cls(dumps=tuple((name, max(expires, 0), dump) for name, expires, dump in rows if dump is not None))

    def alive(self) -> int:
        """How many of them have not expired by now."""
        now_ms = time.time() * 1000
        return sum(not expires or expires > now_ms for _, expires, _ in self.dumps)

    def load(self, client: redis.Redis) -> None:
        """Exactly these keys, and no others."""
        client.flushall()
        with client.pipeline(transaction=False) as pipe:
            for name, expires, dump in self.dumps:
                pipe.restore(name, expires, dump, absttl=True)
            pipe.execute()
