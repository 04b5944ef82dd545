"""A run's passwords: generated, passed by environment, never written down."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

REDACTED = "[password]"
LONGEST_BYTES = 64
"""No password of ours is longer; who cuts a text that may hold one leaves so much away beside the cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The passwords of one run's shop; they never show in a repr."""

    database: str = field(repr=False)
    cache: str = field(repr=False)

    @classmethod
    def generate(cls) -> Secrets:
        """Fresh ones."""
        return cls(database=secrets.token_urlsafe(24), cache=secrets.token_urlsafe(24))

    def redact(self, text: str) -> str:
        """A text in which each of them, wherever it stands, is `[password]`; in base64, as headers have it, too."""
        for secret in (self.database, self.cache):
            for shape in (secret, *_in_base64(secret)):
                text = text.replace(shape, REDACTED)
        return text

    def environment(self) -> dict[str, str]:
        """The variables by which the compose file takes them."""
        return {"POSTGRES_PASSWORD": self.database, "REDIS_PASSWORD": self.cache}


def _in_base64(secret: str) -> Iterator[str]:
    """What a secret becomes within a longer text in base64, at each of the three places where it may begin."""
    for ahead in range(3):
        coded = base64.b64encode(b"\0" * ahead + secret.encode())
        whole = (ahead + len(secret)) // 3 * 4  # what follows it has a say in the rest
        middle = coded[-(-ahead * 4 // 3) : whole].decode()
        yield from (middle, middle.replace("+", "-").replace("/", "_"))
