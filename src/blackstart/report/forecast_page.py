"""The page of a forecast: what was measured at growing sizes, the lines through it, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from blackstart.forecasting.forecast import PHASES, Forecast, Limit, whole
from blackstart.forecasting.model import LEVEL, Estimate
from blackstart.report.html import environment
from blackstart.units import format_duration, format_size, shown_duration

WIDTH, HEIGHT, LEFT, BOTTOM = 960, 360, 90, 40
"""Of the drawing, in its own units, and the room for what stands beside the axes."""
STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A measured run, or a place on an axis."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Recovery time against size, both axes logarithmic."""

    path: str
    measured: Sequence[Mark]
    predicted: Sequence[Mark]
    across: Sequence[Mark]
    upwards: Sequence[Mark]


def render(found: Forecast) -> str:
    """The page; every value is escaped."""
    made = environment()
    made.filters |= {"seconds": shown_duration, "bytes": format_size, "estimate": shown_estimate, "limit": shown_limit}
    return made.get_template("forecast.html").render(
        found=found, phases=PHASES, drawing=drawn(found), width=WIDTH, height=HEIGHT, left=LEFT, level=LEVEL
    )


def drawn(found: Forecast) -> Drawing | None:
    """The line of the recovery time with the runs around it; None where there is no line."""
    known = [m for m in found.measurements if m.bytes and m.rto_s]
    if not found.lines or not known:
        return None
    line = whole(found.lines)
    sizes = [float(m.bytes or 0) for m in known] + [at.bytes for at in found.at]
    low, high = min(sizes), max(sizes)
    at = [low * (high / low) ** (step / STEPS) for step in range(STEPS + 1)]
    seconds = [m.rto_s or 0.0 for m in known] + [line.at(size) for size in at]
    across, upwards = _Axis(low, high, LEFT, WIDTH - 20), _Axis(min(seconds), max(seconds), HEIGHT - BOTTOM, 20)
    points = [f"{across.place(size):.1f},{upwards.place(line.at(size)):.1f}" for size in at]
    return Drawing(
        path=" ".join(points),
        measured=[
            Mark(
                x=across.place(m.bytes or 0),
                y=upwards.place(m.rto_s or 0),
                words=f"{m.size}: {shown_duration(m.rto_s)}",
            )
            for m in known
        ],
        predicted=[
            Mark(
                x=across.place(each.bytes),
                y=upwards.place(line.at(each.bytes)),
                words=shown_duration(line.at(each.bytes)),
            )
            for each in found.at
        ],
        across=[Mark(x=across.place(v), y=HEIGHT - BOTTOM, words=format_size(v)) for v in across.decades()],
        upwards=[Mark(x=LEFT, y=upwards.place(v), words=shown_duration(v)) for v in upwards.decades()],
    )


class _Axis:
    """Places of values on a logarithmic axis."""

    def __init__(self, low: float, high: float, begin: float, end: float) -> None:
        self._low, self._span = math.log10(low), (math.log10(high) - math.log10(low)) or 1.0
        self._begin, self._length = begin, end - begin

    def place(self, value: float) -> float:
        return round(self._begin + self._length * (math.log10(max(value, 1e-9)) - self._low) / self._span, 1)

    def decades(self) -> list[float]:
        first, last = math.ceil(self._low), math.floor(self._low + self._span)
        return [10.0**power for power in range(first, last + 1)]


def shown_estimate(estimate: Estimate | None) -> str:
    """A prediction with its interval; without enough runs for one there is none."""
    if estimate is None:
        return "not known (too few runs)"
    low, high = format_duration(estimate.low_s), format_duration(estimate.high_s)
    return f"{format_duration(estimate.seconds)} ({low} to {high})"


def shown_limit(limit: Limit) -> str:
    """Where an objective breaks."""
    what = f"the {limit.objective} objective of {format_duration(limit.seconds)}"
    if limit.bytes is None:
        return f"{what} is met at any size, as far as these runs tell"
    if limit.bytes == 0:
        return f"{what} is met at no size"
    return f"{what} is met up to {format_size(limit.bytes)}"
