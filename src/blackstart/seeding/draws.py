"""Random numbers for many rows at once, each of them a function of its own row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blackstart.seeding.copytext import Choices, Texts, micros
from blackstart.seeding.randomness import key

Numbers = NDArray[np.int64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Random numbers for some rows of one table; every column of it has numbers of its own.

    A column's number for row n is the n-th output of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood: Fast
    Splittable Pseudorandom Number Generators, OOPSLA 2014) started from a digest of seed, table and column.
    Its n-th output needs none of those before it, so a row is the same whoever makes it, and whichever rows
    are made with it. (numpy's own generators may give other numbers in another version of numpy.)
    """

    seed: int
    table: str
    rows: Numbers
    """Row numbers, in an array of any shape; what is drawn has the same shape."""

    def bits(self, column: str) -> NDArray[np.uint64]:
        """64 random bits a row."""
        start = np.uint64(key(self.seed, self.table, column, bits=64))
        mixed = self.rows.astype(np.uint64) * _GOLDEN + start
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))

    def unit(self, column: str) -> NDArray[np.float64]:
        """Numbers in [0, 1), by their first 53 bits."""
        return (self.bits(column) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, column: str, n: int | Numbers) -> Numbers:
        """Whole numbers in [0, n), for n up to 2⁴⁵."""
        return (self.unit(column) * n).astype(np.int64)

    def skewed(self, column: str, n: int) -> Numbers:
        """Whole numbers in [0, n), small ones far more often."""
        return (self.unit(column) * self.unit(f"{column}, again") * n).astype(np.int64)

    def chance(self, column: str, share: float) -> NDArray[np.bool_]:
        """True for about this share of the rows."""
        return self.unit(column) < share

    def pick(self, column: str, words: Texts) -> Texts:
        """One of the words each."""
        return words.take(self.below(column, len(words)))

    def some(self, column: str, choices: Choices) -> Texts:
        """One of the choices each, every size of them as often as any other."""
        size = self.below(f"{column}, how many", len(choices.begin) - 1)
        first, end = choices.begin.take(size), choices.begin.take(size + 1)
        return choices.texts.take(first + self.below(column, end - first))

    def moment(self, column: str, start: datetime, end: datetime) -> Numbers:
        """Moments within [start, end), in microseconds since 1970."""
        return micros(start) + self.below(column, (end - start) // timedelta(microseconds=1))

    def ascending(self, column: str, n: int, start: datetime, end: datetime) -> Numbers:
        """Moments within [start, end) for rows 1 to n, a later one for a later row, in microseconds since 1970."""
        step = (end - start) // timedelta(microseconds=1) // n
        return micros(start) + step * (self.rows - 1) + self.below(column, step)
