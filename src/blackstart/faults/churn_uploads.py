"""`churn-uploads`: uploads come and go while the backup is made: a busy shop, a sync, a thumbnailer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.engines.beside import RunsWriters
from blackstart.families import Family
from blackstart.faults.planted import Planted, plant
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack

WRITER = "churner"
LONGEST_S = 300
"""It ends by itself after that, whoever forgets it."""
CHANGES_WITHIN_S = 1.0
_CHURN = """
import itertools, os, pathlib, shutil, sys, time

root, mark, longest_s = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
places = [root, *(each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))]
until, content = time.monotonic() + longest_s, os.urandom(1 << 16)
for number in itertools.count():
    if time.monotonic() > until:
        break
    folder = places[number % len(places)] / f"{mark}.{number}"
    folder.mkdir()
    file = folder / "part"
    for _ in range(3):
        with file.open("ab") as out:
            out.write(content)
    file = file.rename(folder.with_name(f"{folder.name}.part"))
    os.truncate(file, 100)
    if number >= 20:  # so many are there at a time
        old = places[(number - 20) % len(places)] / f"{mark}.{number - 20}"
        old.with_name(f"{old.name}.part").unlink()
        shutil.rmtree(old)
"""
"""Of the storefront's names only those that nobody serves: they begin with a dot."""
_LOOKS = """
import json, os, sys, time

root, mark, within_s = sys.argv[1:]

def look():
    return {name for _, folders, files in os.walk(root) for name in folders + files if name.startswith(f"{mark}.")}

first, until = look(), time.monotonic() + float(within_s)
now = look()
while not (now - first and first - now) and time.monotonic() < until:
    now = look()
print(json.dumps([sorted(now - first), sorted(first - now)]))
"""
_CLEAR = """
import pathlib, shutil, sys

for path in sorted(pathlib.Path(sys.argv[1]).rglob(f"{sys.argv[2]}.*")):
    shutil.rmtree(path) if path.is_dir() else path.unlink()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnUploads(Fault):
    """A program on the uploads volume makes, grows, renames, cuts and removes files in the making, without a pause.

    Their names begin with a dot, as those of the storefront do until an upload is whole. Nobody is harmed by
    that; but every archive that is made meanwhile meets files that change and vanish under it. A later fault
    that waits for `after: {fault: …, backups: …}` makes such an archive the one that is needed.
    """

    NAME: ClassVar[str] = "churn-uploads"
    FAMILY: ClassVar[Family] = "backups"

    kind: Literal["churn-uploads"] = "churn-uploads"

    @property
    def needs(self) -> type:
        """A program beside the storefront."""
        return RunsWriters

    @property
    def target(self) -> str:
        """What the backup reads."""
        return "the uploads volume"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """No data of customers."""
        return ()

    def prepare(self, shop: Shop) -> Planted:
        """Plant a file whose name the others will begin with."""
        return plant(_engine(shop), shop.volume("uploads"))

    def inject(self, shop: Shop, prepared: Planted) -> None:
        """Start the program."""
        _engine(shop).begin_writer(WRITER, prepared.volume, _CHURN, prepared.name, str(LONGEST_S))

    def witness(self, shop: Shop, prepared: Planted) -> str | None:
        """Between two looks at the volume files of that name have appeared, and others have vanished."""
        engine = _engine(shop)
        if prepared.out_of_reach(engine):
            return None  # the volume itself is gone by now
        looked = engine.on_volume(prepared.volume, _LOOKS, prepared.name, str(CHANGES_WITHIN_S))
        appeared, vanished = json.loads(looked)
        if not (appeared and vanished):
            return None
        counts = f"{len(appeared)} files in the making appeared and {len(vanished)} vanished"
        return f"{prepared.volume}: between two looks {counts}, {vanished[0]} among them"

    def heal(self, shop: Shop, prepared: Planted) -> None:
        """End the program, and take away what it has left, if the volume is still there."""
        engine = _engine(shop)
        engine.end_beside(WRITER)
        if not prepared.out_of_reach(engine):
            engine.on_volume(prepared.volume, _CLEAR, prepared.name)


def _engine(shop: Shop) -> RunsWriters:
    engine = shop.engine
    assert isinstance(engine, RunsWriters)
    return engine


EXTENSION = ChurnUploads
