"""The files that customers and staff have uploaded: pictures of products, invoices as PDF."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from blackstart.seeding import pictures
from blackstart.seeding.randomness import stream
from blackstart.seeding.scale import Scale

# A field named `bytes` hides the type's name within its class.
Digest = bytes


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


def files(scale: Scale, seed: int) -> Iterator[SeedFile]:
    """Yield `scale.files` different files, each drawn when it is asked for: a few kB to some 10 kB.

    Of twenty, ten are PNG, seven JPEG, three PDF. Each has random numbers of its own.
    """
    invoices = 0
    for number in range(1, scale.files + 1):
        rng = stream(seed, "files", number)
        product_id = rng.randrange(1, scale.products + 1)
        kind = number % 20
        if kind in (5, 11, 17):
            invoices += 1
            yield SeedFile(
                path=f"documents/invoice-{invoices:06d}.pdf",
                media_type="application/pdf",
                content=pictures.invoice(rng, invoices),
                product_id=None,
            )
            continue
        format_: Literal["PNG", "JPEG"] = "JPEG" if kind % 3 == 0 else "PNG"
        suffix = "jpg" if format_ == "JPEG" else "png"
        yield SeedFile(
            path=f"products/seed-{number:06d}.{suffix}",
            media_type=f"image/{format_.lower()}",
            content=pictures.product(rng, f"No. {number:06d}", format_),
            product_id=product_id,
        )
