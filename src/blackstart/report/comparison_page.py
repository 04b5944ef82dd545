"""The page of a comparison: each contender's recovery as one bar of phases, its figures, and who is recommended."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from blackstart.comparing.comparison import Comparison, Standing
from blackstart.comparing.figures import median
from blackstart.report.html import environment
from blackstart.units import format_size, shown_duration

WIDTH, BAR, ROW, LETTER = 960, 22, 46, 7.5
"""Of the drawing, in its own units: the whole, a bar, a row, and a letter of a name."""
COLOURS = {
    "detect": "#b3261e",
    "decide": "#7a6a00",
    "provision": "#1f5fa8",
    "restore": "#5b4b9a",
    "start": "#1a7f4b",
    "verify": "#4a7f8c",
    "resume": "#9a5b00",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A phase in a bar; x and width in the drawing's units."""

    phase: str
    seconds: float
    x: float
    width: float
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A contender's recovery, median of each phase over its trials that were proven."""

    name: str
    y: int
    pieces: tuple[Piece, ...]
    total_s: float
    said: str
    """The same for those who do not see it."""


def render(found: Comparison) -> str:
    """The page; every value is escaped."""
    made = environment()
    made.filters |= {
        "seconds": shown_duration,
        "bytes": shown_bytes,
        "median": lambda standing, figure: standing.median(attrgetter(figure)),
        "worst": lambda standing, figure: standing.worst(attrgetter(figure)),
    }
    drawn = bars(found)
    height = ROW * len(drawn) + 10
    return made.get_template("comparison.html").render(
        found=found, bars=drawn, width=WIDTH, height=height, bar_height=BAR, colours=COLOURS
    )


def bars(found: Comparison) -> list[Bar]:
    """A bar for each contender whose data came back, all in one scale."""
    phases = [(standing, _phases(standing)) for standing in found.standings if standing.proven]
    longest = max((sum(each.values()) for _, each in phases), default=0.0)
    names = [f"{standing.role}: {standing.name}" for standing, _ in phases]
    label = LETTER * max(map(len, names), default=0)
    scale = max(0.0, WIDTH - label - 90) / (longest or 1.0)
    return [
        _bar(name, number * ROW, label, each, scale)
        for number, (name, (_, each)) in enumerate(zip(names, phases, strict=True))
    ]


def _bar(name: str, y: int, x: float, phases: dict[str, float], scale: float) -> Bar:
    pieces = []
    for phase, seconds in phases.items():
        width = round(seconds * scale, 2)
        pieces.append(Piece(phase=phase, seconds=seconds, x=round(x, 2), width=width, colour=COLOURS[phase]))
        x += width
    said = ", ".join(f"{phase} {shown_duration(seconds)}" for phase, seconds in phases.items())
    return Bar(name=name, y=y, pieces=tuple(pieces), total_s=sum(phases.values()), said=f"{name}: {said}")


def _phases(standing: Standing) -> dict[str, float]:
    return {phase: median(trial.phases.get(phase) for trial in standing.trials) or 0.0 for phase in COLOURS}


def shown_bytes(count: float | None) -> str:
    """A size for people."""
    return "–" if count is None else format_size(count)
