"""Draws pictures and documents whose bytes depend on the random numbers given and on nothing else."""

import zlib
from datetime import timedelta
from functools import cache
from io import BytesIO
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, moment

_GOODS = ("Oak shelf", "Linen towel", "Copper kettle", "Wool rug", "Glass carafe", "Steel pan", "Felt tray")
_GRAIN = bytes(level // 24 for level in range(256))
# A JPEG begins with its SOI marker and the JFIF segment; comments may follow.
_JPEG_HEAD = 20
_LONGEST_COMMENT = 65_533


def product(rng: Random, label: str, format_: Literal["PNG", "JPEG"], noise: bytes) -> bytes:
    """Return a picture of some 90 by 90 pixels: shapes on a shaded ground in two tones, a label in a corner.

    It carries the noise where viewers pass over it: as a private chunk of a PNG, as comments of a JPEG.
    """
    size = (rng.randrange(80, 101), rng.randrange(80, 101))
    # A few random pixels, enlarged, are a soft pattern that compresses as a photograph does.
    ground = Image.frombytes("L", (5, 5), rng.randbytes(25)).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(ground)
    for _ in range(rng.randrange(2, 5)):
        x, y = rng.randrange(size[0] - 30), rng.randrange(size[1] - 30)
        box = (x, y, x + rng.randrange(20, 60), y + rng.randrange(20, 60))
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape(box, fill=rng.randrange(256), outline=rng.randrange(256), width=2)
    grain = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]).translate(_GRAIN))
    picture = ImageChops.subtract(ground, grain)
    picture.paste(Image.fromarray(np.hstack([_glyph(character) for character in label])))
    tones = _tones(rng.randbytes(3), rng.randbytes(3))
    return _png(picture, tones, noise) if format_ == "PNG" else _jpeg(picture, tones, noise)


def invoice(rng: Random, number: int) -> bytes:
    """Return a one-page PDF whose amounts add up."""
    issued = moment(rng, FIRST_ORDER, EPOCH)
    lines = [
        _text(36, 540, 22, f"Invoice {number:06d}"),
        _text(36, 516, 11, f"{issued:%Y-%m-%d}, due {issued + timedelta(days=14):%Y-%m-%d}"),
    ]
    total, y = 0, 470
    for _ in range(rng.randrange(2, 9)):
        quantity, cents = rng.randrange(1, 6), rng.randrange(199, 19_999)
        total += quantity * cents
        lines += [_text(36, y, 12, f"{quantity} x {rng.choice(_GOODS)}"), _text(264, y, 12, _euros(quantity * cents))]
        y -= 24
    lines += [f"36 {y + 14} m 384 {y + 14} l S", _text(36, y - 6, 12, "Total"), _text(264, y - 6, 12, _euros(total))]
    return _pdf("\n".join(["q 120 0 0 40 264 536 cm /Logo Do Q", *lines]), title=f"Invoice {number:06d}")


def _pdf(page: str, *, title: str) -> bytes:
    """One A5 page of text and the shop's logo, with no date but those it speaks of."""
    fonts = "/Font << /Text << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >>"
    logo = _logo()
    picture = "/Type /XObject /Subtype /Image /Width 360 /Height 120 /ColorSpace /DeviceRGB /BitsPerComponent 8"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R"
        + f" /Resources << {fonts} /XObject << /Logo 5 0 R >> >> >>".encode(),
        _stream("", page.encode()),
        _stream(f"{picture} /Filter /DCTDecode", logo),
        f"<< /Title ({title}) >>".encode(),
    ]
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size, start = len(objects) + 1, len(written)
    written += f"xref\n0 {size}\n0000000000 65535 f \n{table}".encode()
    written += f"trailer\n<< /Size {size} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(written)


def _stream(entries: str, content: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries.encode(), len(content), content)


def _text(x: int, y: int, size: int, text: str) -> str:
    return f"BT /Text {size} Tf {x} {y} Td ({text}) Tj ET"


def _euros(cents: int) -> str:
    return f"{cents // 100:>9,}.{cents % 100:02d} EUR"


@cache
def _logo() -> bytes:
    """A shaded ground with the shop's name, 360 by 120 pixels, as JPEG."""
    ground = Image.linear_gradient("L").resize((360, 120))
    ImageDraw.Draw(ground).text((180, 60), "SHOP", font=ImageFont.load_default(96), fill=255, anchor="mm")
    return _saved(Image.merge("RGB", (ground, ground, Image.new("L", ground.size, 96))), quality=90)


@cache
def _glyph(character: str) -> NDArray[np.uint8]:
    """A letter in a black box of 19 rows by 8 columns, in the font inside Pillow: hosts' own fonts differ."""
    box = Image.new("L", (8, 19))
    ImageDraw.Draw(box).text((4, 3), character, font=ImageFont.load_default(12), fill=255, anchor="ma")
    return np.asarray(box)


def _tones(dark: bytes, light: bytes) -> bytes:
    """A palette from half of one colour to the other, in 256 steps."""
    low, high = (np.frombuffer(colour, dtype=np.uint8).astype(np.int64) for colour in (dark, light))
    tones: NDArray[np.int64] = low // 2 + np.arange(256)[:, np.newaxis] * (high - low // 2) // 255
    return tones.astype(np.uint8).tobytes()


def _png(picture: Image.Image, tones: bytes, noise: bytes) -> bytes:
    """A PNG with a palette; by hand, because Pillow's way takes longer than drawing does."""
    rows = np.zeros((picture.height, 1 + picture.width), dtype=np.uint8)  # each begins with its filter, none
    rows[:, 1:] = np.asarray(picture)
    header = picture.width.to_bytes(4, "big") + picture.height.to_bytes(4, "big") + bytes((8, 3, 0, 0, 0))
    chunks = {"IHDR": header, "PLTE": tones, "noIs": noise, "IDAT": zlib.compress(rows.tobytes(), 1), "IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode(), content) for name, content in chunks.items())


def _chunk(name: bytes, content: bytes) -> bytes:
    """A PNG's chunk; the small letters of its name say whether it may be ignored, and who made it up."""
    crc = zlib.crc32(content, zlib.crc32(name))
    return b"".join((len(content).to_bytes(4, "big"), name, content, crc.to_bytes(4, "big")))


def _jpeg(picture: Image.Image, tones: bytes, noise: bytes) -> bytes:
    """A JPEG; the noise is in comments, each as long as a comment may be."""
    picture.putpalette(tones)
    content = _saved(picture.convert("RGB"), quality=90)
    parts = [noise[start : start + _LONGEST_COMMENT] for start in range(0, len(noise), _LONGEST_COMMENT)]
    comments = b"".join(b"\xff\xfe" + (len(part) + 2).to_bytes(2, "big") + part for part in parts)
    return b"".join((content[:_JPEG_HEAD], comments, content[_JPEG_HEAD:]))


def _saved(image: Image.Image, *, quality: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
