"""Prints one digest over everything that is seeded, for a test to run in a process of its own.

Usage: python digest.py SEED
"""

import hashlib
import sys

from blackstart.seeding.cache import entries
from blackstart.seeding.files import UploadRow, draw
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import SCALES
from blackstart.seeding.tables import tables
from blackstart.seeding.vocabulary import Vocabulary


def digest(seed: int) -> str:
    """Return a SHA-256 over the small shop's files, rows and keys."""
    scale, total, uploads = SCALES["small"], hashlib.sha256(), []
    recipe = Recipe(scale=scale, seed=seed, vocabulary=Vocabulary.make(seed))
    for number in range(1, scale.files + 1):
        file = draw(scale, seed, number)
        uploads.append(UploadRow.of(file))
        total.update(file.content)
    for table in tables(uploads):
        total.update(table.qualified.encode() + table.text(recipe, 1, table.sources(scale) + 1))
    for entry in entries(scale, seed):
        total.update(repr(entry).encode())
    return total.hexdigest()


if __name__ == "__main__":
    print(digest(int(sys.argv[1])))
