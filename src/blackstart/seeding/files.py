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
_LEAST_TAIL = 16_384
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

    Of twenty, ten are PNG, seven JPEG, three PDF, of a few kB to some 10 kB each. Where the scale has a long
    tail, most pictures have up to 16 kB more; half as many up to twice that, and so on, up to 4 MB.
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
    noise = _noise(rng, seed, number) if scale.long_tail else b""
    return SeedFile(
        path=f"products/seed-{number:06d}.{suffix}",
        media_type=f"image/{format_.lower()}",
        content=pictures.product(rng, f"No. {number:06d}", format_, noise),
        product_id=rng.randrange(1, scale.products + 1),
    )


def _noise(rng: Random, seed: int, number: int) -> bytes:
    """Random bytes, as many as a coin says that doubles their number each time it falls on the same side."""
    doublings = 0
    while doublings < _MOST_DOUBLINGS and rng.random() < 0.5:
        doublings += 1
    size = rng.randrange(_LEAST_TAIL) << doublings
    words = size // 8 + 1
    # Piece by piece: numpy would take several times the memory of the whole.
    pieces = (np.arange(first, min(first + _PIECE, words + 1)) for first in range(1, words + 1, _PIECE))
    draws = (Draws(seed=seed, table="noise", rows=piece) for piece in pieces)
    return b"".join(draw.bits(str(number)).astype("<u8").tobytes() for draw in draws)[:size]
