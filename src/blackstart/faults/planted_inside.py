"""A file planted where a service's own processes see it: gone, it proves that they see another place now."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass

from blackstart.engines.containers import EntersContainers
from blackstart.errors import NotConducted
from blackstart.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedInside:
    """One such file."""

    service: str
    path: str

    def gone(self, shop: Shop) -> bool:
        """Whether the service runs, and does not see it; False while it does not run."""
        with contextlib.suppress(NotConducted):
            return entered(shop).read_inside(self.service, self.path) is None
        return False


def plant_inside(shop: Shop, service: str, folder: str) -> PlantedInside:
    """Plant a file in a folder, and see that it can be found; RuntimeError if it cannot."""
    planted = PlantedInside(service=service, path=f"{folder.rstrip('/')}/.blackstart-{secrets.token_hex(8)}")
    entered(shop).put_inside(service, planted.path, secrets.token_hex(16))
    if planted.gone(shop):
        raise RuntimeError(f"a file planted in {folder} of {service} cannot be read back")
    return planted


def refusal(shop: Shop, service: str, volume: str) -> str:
    """Why the service's own user cannot write where it has a volume; empty if it can, or does not run."""
    with contextlib.suppress(NotConducted):
        return entered(shop).unwritable(service, entered(shop).target(service, volume))
    return ""


def entered(shop: Shop) -> EntersContainers:
    """The engine, as one that has containers."""
    engine = shop.engine
    assert isinstance(engine, EntersContainers)
    return engine
