"""Prints one digest over everything that is seeded, for a test to run in a process of its own.

Usage: python digest.py SEED
"""

import hashlib
import sys

from blackstart.seeding.cache import entries
from blackstart.seeding.files import UploadRow, files
from blackstart.seeding.scale import SCALES
from blackstart.seeding.tables import tables
from blackstart.seeding.vocabulary import Vocabulary


def digest(seed: int) -> str:
    """Return a SHA-256 over the small shop's files, rows and keys."""
    scale, vocabulary, total = SCALES["small"], Vocabulary.make(seed), hashlib.sha256()
    uploads = []
    for file in files(scale, seed):
        uploads.append(UploadRow.of(file))
        total.update(file.content)
    for table in tables(uploads):
        for row in table.rows(scale, seed, vocabulary):
            total.update(repr((table.qualified, row)).encode())
    for entry in entries(scale, seed):
        total.update(repr(entry).encode())
    return total.hexdigest()


if __name__ == "__main__":
    print(digest(int(sys.argv[1])))
