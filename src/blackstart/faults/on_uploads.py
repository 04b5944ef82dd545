"""What faults have in common that strike the files of the uploads volume behind the shop's back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blackstart.engines.base import RunsOnVolumes
from blackstart.evidence import MAX_NAMED, FileFingerprint
from blackstart.observe import files
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """The files that were there before."""

    files: Mapping[str, FileFingerprint]
    named: str
    """The one that whoever finds the harm must name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnUploads(Fault):
    """All files are struck while the shop runs; what customers upload later is not."""

    @property
    def needs(self) -> type:
        """Working on a volume's files."""
        return RunsOnVolumes

    @property
    def target(self) -> str:
        """The files."""
        return "the uploads"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The uploads."""
        return ("uploads",)

    def names(self, prepared: Noted) -> str:
        """A file that was there for long."""
        return prepared.named

    def prepare(self, shop: Shop) -> Noted:
        """Which files there are, and what is in them; RuntimeError if there is none."""
        found = _files(shop)
        if not found:
            raise RuntimeError("there is no upload to be lost")
        # A finding has room for the first few names alone; of these, the seed's are there for longest.
        first = sorted(found)[: MAX_NAMED // 2]
        oldest = min(first, key=dict(zip(first, _times(shop, first), strict=True)).__getitem__)
        return Noted(files=found, named=oldest)


def found_now(shop: Shop, noted: Noted) -> dict[str, FileFingerprint]:
    """Those of the files that are still there, as something started afresh reads them."""
    return {path: seen for path, seen in _files(shop).items() if path in noted.files}


def on_uploads(shop: Shop, program: str, *words: str) -> str:
    """Run a Python program on the volume; returns what it printed."""
    engine = shop.engine
    assert isinstance(engine, RunsOnVolumes)
    return engine.on_volume(shop.volume("uploads"), program, *words)


def _files(shop: Shop) -> dict[str, FileFingerprint]:
    return files.files_only(files.of_volume(shop.engine, shop.volume("uploads")))


def _times(shop: Shop, paths: list[str]) -> list[float]:
    said = on_uploads(shop, _WRITTEN, *paths)
    return [float(line) for line in said.splitlines()]


_WRITTEN = """
import os, sys
for path in sys.argv[2:]:
    print(os.stat(os.path.join(sys.argv[1], path)).st_mtime)
"""
