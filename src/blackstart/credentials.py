"""A run's passwords: generated, passed by environment, never written down."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The passwords of one run's shop; they never show in a repr."""

    database: str = field(repr=False)
    cache: str = field(repr=False)

    @classmethod
    def generate(cls) -> Secrets:
        """Fresh ones."""
        return cls(database=secrets.token_urlsafe(24), cache=secrets.token_urlsafe(24))

    def environment(self) -> dict[str, str]:
        """The variables by which the compose file takes them."""
        return {"POSTGRES_PASSWORD": self.database, "REDIS_PASSWORD": self.cache}
