"""Seconds against bytes: a line for each phase, and how far from it the next measurement may lie.

The line is fitted by least squares, each point weighted by 1/fitted² (fitted anew until that settles), since what
a run's duration varies by grows with the duration; neither its base nor its slope may be negative, for no phase
gets faster with more data. The interval is the usual one for a new observation of a weighted regression (for
instance Draper and Smith, Applied Regression Analysis, chapter 9), with the residuals relative to the fitted values.
It knows nothing of what is no line: memory that runs out, another disk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
"""Bytes and seconds."""
LEVEL = 0.9
_QUANTILES = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
"""Student's t for the two-sided level, by degrees of freedom from 1 on."""
_MANY = 1.76
"""The same for more of them, a little too wide."""
_ROUNDS = 5
_LEAST_S = 1e-3
"""Durations below are not told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`base_s` seconds, and `per_byte_s` more for each byte."""

    base_s: float
    per_byte_s: float

    def at(self, size: float) -> float:
        """Seconds for so many bytes."""
        return self.base_s + self.per_byte_s * size


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A prediction with its interval; seconds."""

    seconds: float
    low_s: float
    high_s: float


def fit(points: Sequence[Point]) -> Line:
    """The line of at least one point; with sizes that do not differ it is their mean."""
    line = _fit(points, [1.0] * len(points))
    for _ in range(_ROUNDS):
        line = _fit(points, [1 / max(line.at(x), _LEAST_S) ** 2 for x, _ in points])
    return line


def _fit(points: Sequence[Point], weights: Sequence[float]) -> Line:
    both = _free(points, weights)
    if both is not None and both.base_s >= 0 and both.per_byte_s >= 0:
        return both

    def off(line: Line) -> float:
        return sum(w * (y - line.at(x)) ** 2 for (x, y), w in zip(points, weights, strict=True))

    return min(_flat(points, weights), _through_zero(points, weights), key=off)


def estimate(points: Sequence[Point], line: Line, size: float) -> Estimate | None:
    """What a new run at `size` bytes would take, at LEVEL; None with fewer than three points or one size only."""
    if len(points) < 3 or len({x for x, _ in points}) < 2:
        return None
    fitted = [max(line.at(x), _LEAST_S) for x, _ in points]
    freedom = len(points) - 2
    spread = math.sqrt(sum(((y - f) / f) ** 2 for (_, y), f in zip(points, fitted, strict=True)) / freedom)
    a = sum(1 / f**2 for f in fitted)
    b = sum(x / f**2 for (x, _), f in zip(points, fitted, strict=True))
    c = sum(x * x / f**2 for (x, _), f in zip(points, fitted, strict=True))
    # (1, size) · inverse of [[a, b], [b, c]] · (1, size)
    of_the_line = (c - 2 * b * size + a * size * size) / (a * c - b * b)
    seconds = line.at(size)
    t = _QUANTILES[freedom - 1] if freedom <= len(_QUANTILES) else _MANY
    half = t * spread * math.sqrt(seconds**2 + max(0.0, of_the_line))
    return Estimate(seconds=seconds, low_s=max(0.0, seconds - half), high_s=seconds + half)


def largest_within(line: Line, limit_s: float) -> float | None:
    """Up to how many bytes the line stays within a limit; 0 if it never does, None if it always does."""
    if line.base_s > limit_s:
        return 0.0
    return None if line.per_byte_s == 0 else (limit_s - line.base_s) / line.per_byte_s


def _flat(points: Sequence[Point], weights: Sequence[float]) -> Line:
    total = sum(w * y for (_, y), w in zip(points, weights, strict=True))
    return Line(base_s=total / sum(weights), per_byte_s=0.0)


def _through_zero(points: Sequence[Point], weights: Sequence[float]) -> Line:
    square = sum(w * x * x for (x, _), w in zip(points, weights, strict=True))
    slope = sum(w * x * y for (x, y), w in zip(points, weights, strict=True)) / square if square else 0.0
    return Line(base_s=0.0, per_byte_s=slope)


def _free(points: Sequence[Point], weights: Sequence[float]) -> Line | None:
    total = sum(weights)
    mean_x = sum(w * x for (x, _), w in zip(points, weights, strict=True)) / total
    mean_y = sum(w * y for (_, y), w in zip(points, weights, strict=True)) / total
    square = sum(w * (x - mean_x) ** 2 for (x, _), w in zip(points, weights, strict=True))
    if not square:
        return None
    slope = sum(w * (x - mean_x) * (y - mean_y) for (x, y), w in zip(points, weights, strict=True)) / square
    return Line(base_s=mean_y - slope * mean_x, per_byte_s=slope)
