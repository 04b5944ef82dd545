"""`second-log-writer`: a second process writes to the shop's log file: another instance, a script, an agent."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart import stacks
from blackstart.checkers import append_log
from blackstart.checkers.append_log import Found
from blackstart.checks.append_log import NAME_IN_VOLUME, SET_ASIDE, contents
from blackstart.engines.beside import RunsWriters
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack
from blackstart.waiting import poll

WRITER = "log-writer"
LONGEST_S = 120
"""It ends by itself after that, whoever forgets it."""
GROWS_WITHIN_S = 1.0
_WRITE = """
import sys, time

folder, log, run, writer, append, longest_s = sys.argv[1:]
until = time.monotonic() + float(longest_s)
flags = os.O_WRONLY | (os.O_APPEND if append == "append" else 0)
log = os.open(Path(folder, log), flags)
os.lseek(log, 0, os.SEEK_END)  # without O_APPEND, it goes on from there whatever others write meanwhile
number = 0
while time.monotonic() < until:
    number += 1
    os.write(log, frame(run, writer, number, b'{"second writer": "a line of its own"}'))
    time.sleep(0.02)
"""
"""Goes on after the text of the storefront's own module of frames."""
_ASIDE = """
import pathlib, sys

folder, log, aside = sys.argv[1:]
if pathlib.Path(folder, log).exists():
    pathlib.Path(folder, log).rename(pathlib.Path(folder, aside))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growing:
    """What the second writer calls itself."""

    writer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLogWriter(Fault):
    """A program on the log's volume writes frames of its own, some fifty a second.

    With `append: true` it opens the file with O_APPEND, and the kernel puts each frame whole at the end: nothing
    is damaged. With `append: false` it goes on from where the file ended once, over what the storefront has
    appended meanwhile. Nobody backs up a log; the repair sets the damaged one aside, and it begins anew.
    """

    NAME: ClassVar[str] = "second-log-writer"
    FAMILY: ClassVar[Family] = "writers"

    kind: Literal["second-log-writer"] = "second-log-writer"
    append: bool = False

    @property
    def needs(self) -> type:
        """A program beside the storefront."""
        return RunsWriters

    @property
    def target(self) -> str:
        """The file."""
        return NAME_IN_VOLUME

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """No data of customers."""
        return ()

    def names(self, prepared: Growing) -> str:
        """Whoever finds it must name frames and their writer."""
        return " of writer "

    def prepare(self, shop: Shop) -> Growing:
        """A name for the writer that nobody has."""
        return Growing(writer=secrets.token_hex(6))

    def inject(self, shop: Shop, prepared: Growing) -> None:
        """Start it."""
        frames = (stacks.folder(shop.plan.stack.name) / "storefront" / "frames.py").read_text()
        words = (NAME_IN_VOLUME, shop.plan.run_id, prepared.writer, "append" if self.append else "over", str(LONGEST_S))
        _engine(shop).begin_writer(WRITER, shop.volume("app"), frames + _WRITE, *words)

    def witness(self, shop: Shop, prepared: Growing) -> str | None:
        """Between two looks at the file a stranger's frames come in; where it writes over others, some are gone."""
        before = _look(shop).last.get(prepared.writer, 0)

        def grown() -> Found | None:
            now = _look(shop)
            return now if now.last.get(prepared.writer, 0) > before else None

        after = poll(grown, within_s=GROWS_WITHIN_S)
        damage = [str(each) for each in after.anomalies if each.kind != "torn tail"] if after else []
        if after is None or not (self.append or damage):
            return None
        others = ", ".join(sorted(after.last.keys() - {prepared.writer})) or "nobody"
        said = f"{after.last[prepared.writer]} frames of writer {prepared.writer} beside those of {others}"
        return f"{NAME_IN_VOLUME}: {'; '.join([said, *damage[-1:]])}"

    def heal(self, shop: Shop, prepared: Growing) -> None:
        """End it; a log that was written over is moved away, since nothing can mend it."""
        engine = _engine(shop)
        engine.end_beside(WRITER)
        if not self.append:
            engine.on_volume(shop.volume("app"), _ASIDE, NAME_IN_VOLUME, f"{NAME_IN_VOLUME}{SET_ASIDE}")


def _look(shop: Shop) -> Found:
    return append_log.check(contents(shop).get(NAME_IN_VOLUME, b""), shop.plan.run_id)


def _engine(shop: Shop) -> RunsWriters:
    engine = shop.engine
    assert isinstance(engine, RunsWriters)
    return engine


EXTENSION = SecondLogWriter
