"""The files that customers and staff have uploaded: pictures of products, invoices as PDF."""

import hashlib
from dataclasses import dataclass
from random import Random
from typing import Literal

import numpy as np

from blackstart.seeding import pictures
from blackstart.seeding.draws import Draws
from blackstart.seeding.randomness import stream
from blackstart.seeding.scale import Scale

# A field named `bytes` hides the type's name within its class.
Digest = bytes

_INVOICES = (5, 11, 17)
_NOISE = 16_384
_MOST_DOUBLINGS = 8
_PIECE = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFile:
    """A file with its content. `path` is relative to the uploads volume, with forward slashes."""

    path: str
    media_type: str
    content: bytes
    product_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """What the database keeps of a file. `bytes` is its size, `sha256` the digest's 32 bytes."""

    path: str
    media_type: str
    sha256: Digest
    bytes: int
    product_id: int | None

    @classmethod
    def of(cls, file: SeedFile) -> "UploadRow":
        """Describe `file`, so that its content need not be kept."""
        return cls(
            path=file.path,
            media_type=file.media_type,
            bytes=len(file.content),
            sha256=hashlib.sha256(file.content).digest(),
            product_id=file.product_id,
        )


def draw(scale: Scale, seed: int, number: int) -> SeedFile:
    """Return file `number`, from 1, of `scale.files`: no two are alike, and none depends on another.

    Of twenty, ten are PNG, seven JPEG, three PDF, of a few kB to some 20 kB each. Where the scale has a long
    tail, half of the pictures are so, a quarter has up to twice as much, and so on, up to some 4 MB.
    """
    rng = stream(seed, "files", number)
    kind = number % 20
    if kind in _INVOICES:
        invoice = len(_INVOICES) * (number // 20) + _INVOICES.index(kind) + 1
        return SeedFile(
            path=f"documents/invoice-{invoice:06d}.pdf",
            media_type="application/pdf",
            content=pictures.invoice(rng, invoice),
            product_id=None,
        )
    format_: Literal["PNG", "JPEG"] = "JPEG" if kind % 3 == 0 else "PNG"
    suffix = "jpg" if format_ == "JPEG" else "png"
    noise = _noise(seed, number, _size(rng, _MOST_DOUBLINGS if scale.long_tail else 0))
    return SeedFile(
        path=f"products/seed-{number:06d}.{suffix}",
        media_type=f"image/{format_.lower()}",
        content=pictures.product(rng, f"No. {number:06d}", format_, noise),
        product_id=rng.randrange(1, scale.products + 1),
    )


def _size(rng: Random, most_doublings: int) -> int:
    """Some bytes; as often as a coin falls on one side in a row, there are twice as many."""
    doublings = 0
    while doublings < most_doublings and rng.random() < 0.5:
        doublings += 1
    return rng.randrange(_NOISE) << doublings


def _noise(seed: int, number: int, size: int) -> bytes:
    """Random bytes, piece by piece: numpy would take several times the memory of the whole."""
    words = size // 8 + 1
    pieces = (np.arange(first, min(first + _PIECE, words + 1)) for first in range(1, words + 1, _PIECE))
    draws = (Draws(seed=seed, table="noise", rows=piece) for piece in pieces)
    return b"".join(draw.bits(str(number)).astype("<u8").tobytes() for draw in draws)[:size]
