"""The board: where each run of a drill stands, shown as a live table on a terminal and as plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from blackstart.clock import Clock
from blackstart.drill_result import NotStarted, RunResult
from blackstart.drilling.running import Running
from blackstart.plan import Plan
from blackstart.screen import REFRESHES_PER_S, Murmur, console, is_terminal, print_line


@dataclass(slots=True, kw_only=True)
class Entry:
    """One scenario of the drill, and how far it is."""

    number: int
    plan: Plan
    running: Running | None = None
    result: RunResult | NotStarted | None = None
    murmur: Murmur = field(default_factory=Murmur)

    @property
    def name(self) -> str:
        """The scenario's."""
        return self.plan.scenario.name


class Board:
    """What the conductor tells of its runs; this one shows nothing of it."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries

    def tell(self, text: str) -> None:
        """Something happened to the drill."""

    def say(self, entry: Entry, text: str) -> None:
        """A step of a run is done."""

    def ended(self, entry: Entry) -> None:
        """A run has its result."""

    def look(self) -> None:
        """Called again and again while runs go on."""


class Plain(Board):
    """A line for each step of each run, with the seconds since the drill began."""

    def __init__(self, entries: Sequence[Entry], clock: Clock) -> None:
        super().__init__(entries)
        self._clock = clock

    def tell(self, text: str) -> None:
        """A line."""
        print_line(self._clock.now(), text)

    def say(self, entry: Entry, text: str) -> None:
        """A line that begins with the scenario."""
        entry.murmur.said(self._clock.now())
        self.tell(f"{entry.name}: {text}")

    def ended(self, entry: Entry) -> None:
        """A line with the result."""
        self.say(entry, outcome(entry))

    def look(self) -> None:
        """For a run that was silent for a while, a line about where it stands."""
        for entry in self.entries:
            if entry.running is not None and entry.running.status is not None and entry.result is None:
                text = entry.murmur.due(entry.running.status, self._clock.now())
                if text is not None:
                    self.tell(f"{entry.name}: {text}")


class Table(Board):
    """Drawn again and again; what a step would say is in the table."""

    def __init__(self, entries: Sequence[Entry], clock: Clock, title: str) -> None:
        super().__init__(entries)
        self._clock = clock
        self._title = title
        self._told = ""

    def tell(self, text: str) -> None:
        """Below the table."""
        self._told = text

    def draw(self) -> Any:
        """The table as it is now."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        caption = f"{self._clock.now():.0f} s" + (f"; {self._told}" if self._told else "")
        table = RichTable(
            title=Text(self._title),
            caption=Text(caption),
            title_justify="left",
            caption_justify="left",
            box=box.SIMPLE,
        )
        for name in ("scenario", "state"):
            table.add_column(name, overflow="ellipsis")
        for name in ("time", "ops/s", "writes", "at risk", "lost"):
            table.add_column(name, justify="right", no_wrap=True)
        for entry in self.entries:
            style = _STYLES.get(entry.result.verdict, "") if isinstance(entry.result, RunResult) else ""
            first, *rest = _cells(entry)
            # Columns that could wrap are the first ones to be narrowed; their cells are cut instead.
            words = [Text(entry.name, no_wrap=True), Text(first, style=style, no_wrap=True)]
            table.add_row(*words, *map(Text, rest))
        return table


_STYLES = {"pass": "green", "fail": "bold red", "missed": "yellow", "inconclusive": "magenta"}


@contextmanager
def shown(entries: Sequence[Entry], title: str, *, quiet: bool) -> Iterator[Board]:
    """The board of a drill that begins now."""
    if quiet:
        yield Board(entries)
    elif not is_terminal():
        board = Plain(entries, Clock())
        board.tell(f"{title}: {len(entries)} scenarios")
        yield board
    else:
        from rich.live import Live

        table = Table(entries, Clock(), title)
        with Live(
            get_renderable=table.draw,
            console=console(),
            refresh_per_second=REFRESHES_PER_S,
            redirect_stdout=False,
        ):
            yield table


def outcome(entry: Entry) -> str:
    """A result in a few words."""
    match entry.result:
        case RunResult() as run:
            figures = [f"RTO {run.rto.actual}", f"RPO {run.rpo.actual}"] if run.rto.actual_s is not None else []
            return ", ".join([run.verdict.upper(), *figures])
        case NotStarted() as none:
            return f"not started: {none.reason}"
    return "waits"


def _cells(entry: Entry) -> list[str]:
    status = entry.running.status if entry.running else None
    over = entry.result is not None
    if status is None:
        return [outcome(entry) if over or not entry.running else "begins", *[""] * 5]
    cells = [outcome(entry) if over else status.activity, f"{status.t:.0f} s"]
    trade = status.trade
    if trade is None:
        return [*cells, *[""] * 4]
    at_risk = None if over else trade.at_risk
    return [
        *cells,
        "" if over else f"{trade.per_second:.0f}",
        f"{trade.acknowledged:,}",
        "" if at_risk is None else f"{at_risk:,}",
        "" if trade.lost is None else f"{trade.lost:,}",
    ]
