"""What a shop is made from."""

from dataclasses import dataclass

from blackstart.seeding.draws import Draws, Numbers
from blackstart.seeding.scale import Scale
from blackstart.seeding.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Equal recipes give equal shops, row by row and byte by byte."""

    scale: Scale
    seed: int
    vocabulary: Vocabulary

    def draws(self, table: str, rows: Numbers) -> Draws:
        """Random numbers for some rows of a table."""
        return Draws(seed=self.seed, table=table, rows=rows)
