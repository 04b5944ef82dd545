"""A file planted on a volume before the harm: out of reach afterwards, it proves that bytes are gone.

An object that is gone proves nothing: removing a volume that is a bind in disguise leaves every byte.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from blackstart.engines.base import DeletesVolumes


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One such file."""

    volume: str
    name: str

    def out_of_reach(self, engine: DeletesVolumes) -> bool:
        """Whether something started afresh on the volume, as it would be mounted now, does not find it."""
        return engine.find(self.volume, self.name) is None


def plant(engine: DeletesVolumes, volume: str) -> Planted:
    """Plant a file, and see that it can be found; RuntimeError if it cannot."""
    name, content = f".blackstart-{secrets.token_hex(8)}", secrets.token_bytes(32)
    engine.plant(volume, name, content)
    if engine.find(volume, name) != content:
        raise RuntimeError(f"a file planted on {volume} cannot be read back")
    return Planted(volume=volume, name=name)
