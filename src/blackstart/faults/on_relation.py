"""What faults have in common that damage the file of a table or an index while the database is stopped.

A page that a running server has in memory would heal itself at its next checkpoint: stop, damage, start.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from psycopg import sql

from blackstart.engines.base import RunsOnVolumes
from blackstart.faults import pages
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack

_LOOKED_AT = 64
"""Pages that are looked at for one that is worth damaging."""
_SEGMENT_PAGES = 1 << 17
"""Larger relations go on in another file."""
_RELATION = """
SELECT pg_relation_filepath(oid), relkind, relname, pg_relation_size(oid) / current_setting('block_size')::int8
FROM pg_class WHERE oid = {}::regclass"""

ZERO = """
import os, sys
with open(os.path.join(sys.argv[1], sys.argv[2]), "r+b") as file:
    file.seek(int(sys.argv[3]))
    file.write(bytes(int(sys.argv[4])))
    file.flush()
    os.fsync(file.fileno())
"""
"""Makes zeros of a range: path, offset, length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where the harm goes."""

    path: str
    """The relation's first file, relative to the database's volume."""
    bytes: int
    blocks: tuple[int, ...]
    """Pages that are sound and full of data, in an order drawn from the seed."""
    named: str
    """How the relation is called by whoever finds the harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRelation(Fault):
    """The database is stopped in the orderly way, its file is changed on the volume, and it is started again.

    It starts without a complaint: nobody reads what no request asks for.
    """

    relation: str
    """A table or an index, with its schema: `public.addresses`, `public.addresses_customer_id_idx`."""

    @property
    def needs(self) -> type:
        """Working on a volume's files."""
        return RunsOnVolumes

    @property
    def target(self) -> str:
        """The relation."""
        return self.relation

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The database."""
        return ("database",)

    def names(self, prepared: Spot) -> str:
        """The table with its schema, or the index."""
        return prepared.named

    def prepare(self, shop: Shop) -> Spot:
        """Choose pages by the run's seed; RuntimeError if the relation has none that is sound and full of data."""
        with shop.database() as connection:
            connection.execute("CHECKPOINT")
            row = connection.execute(sql.SQL(_RELATION).format(sql.Literal(self.relation))).fetchone()
        assert row is not None  # the server says itself that there is no such relation
        path, kind, name, count = row
        blocks = list(range(min(count, _SEGMENT_PAGES)))
        random.Random(f"{shop.plan.seed}/{self.kind}/{self.relation}").shuffle(blocks)
        looked_at = blocks[:_LOOKED_AT]
        size, found = pages.read(shop, path, *looked_at)
        worth = tuple(block for block, page in zip(looked_at, found, strict=True) if _worth_damaging(page, block))
        if not worth:
            raise RuntimeError(f"{self.relation} has no page on disk that is sound and holds data")
        return Spot(path=path, bytes=size, blocks=worth, named=name if kind == "i" else self.relation)


def while_stopped(shop: Shop, program: str, *words: str) -> None:
    """Run a Python program on the database's volume between its orderly end and its next start."""
    with shop.database() as connection:
        connection.execute("CHECKPOINT")
    service = shop.service("database")
    shop.engine.stop(service)
    pages.on_database(shop, program, *words)
    shop.engine.start(service)


def unsound(shop: Shop, spot: Spot) -> str | None:
    """How the first page on disk belies the checksum that it carries; None if it is sound."""
    block = spot.blocks[0]
    _, (page,) = pages.read(shop, spot.path, block)
    stored, computed = pages.stored(page), pages.checksum(page, block)
    if stored == computed:
        return None
    return f"page {block} of {spot.path} on disk has the checksum {computed:04x}, and was written with {stored:04x}"


def _worth_damaging(page: bytes, block: int) -> bool:
    """Whether a page is as it was written, and has data in its second half, where rows begin."""
    sound = len(page) == pages.PAGE_BYTES and pages.stored(page) == pages.checksum(page, block)
    return sound and any(page[pages.PAGE_BYTES // 2 :])
