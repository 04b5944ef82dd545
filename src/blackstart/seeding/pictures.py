"""Draws pictures and documents whose bytes depend on the random numbers given and on nothing else."""

from datetime import timedelta
from functools import cache
from io import BytesIO
from random import Random
from typing import Any, Literal

from PIL import Image, ImageChops, ImageDraw, ImageFont

from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, moment

_PAGE = (420, 595)  # A5 in points
_GOODS = ("Oak shelf", "Linen towel", "Copper kettle", "Wool rug", "Glass carafe", "Steel pan", "Felt tray")


def product(rng: Random, label: str, format_: Literal["PNG", "JPEG"]) -> bytes:
    """Return a picture of some 125 by 125 pixels: shapes on a shaded ground, with the label in a corner."""
    size = (rng.randrange(100, 151), rng.randrange(100, 151))
    # A few random pixels, enlarged, are a soft pattern that compresses as a photograph does.
    ground = Image.frombytes("RGB", (5, 5), rng.randbytes(75)).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(ground)
    for _ in range(rng.randrange(2, 6)):
        x, y = rng.randrange(size[0] - 30), rng.randrange(size[1] - 30)
        box = (x, y, x + rng.randrange(20, 80), y + rng.randrange(20, 80))
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape(box, fill=_colour(rng), outline=_colour(rng), width=2)
    grain = Image.frombytes("L", (48, 48), rng.randbytes(48 * 48)).point(lambda level: level // 24)
    picture = ImageChops.subtract(ground, grain.resize(size, Image.Resampling.NEAREST).convert("RGB"))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 76, 19), fill="black")
    draw.text((6, 3), label, font=_font(12), fill="white")
    # At PNG's usual compression the pictures would take longer than the rest of the shop.
    return _bytes(picture, format_, compress_level=1)


def invoice(rng: Random, number: int) -> bytes:
    """Return a one-page PDF whose amounts add up."""
    issued = moment(rng, FIRST_ORDER, EPOCH)
    page = Image.new("L", _PAGE, 255)
    draw = ImageDraw.Draw(page)
    draw.text((36, 32), f"Invoice {number:06d}", font=_font(22), fill=0)
    draw.text((36, 66), f"{issued:%Y-%m-%d}, due {issued + timedelta(days=14):%Y-%m-%d}", font=_font(11), fill=60)
    total, y = 0, 120
    for _ in range(rng.randrange(2, 9)):
        quantity, cents = rng.randrange(1, 6), rng.randrange(199, 19_999)
        total += quantity * cents
        draw.text((36, y), f"{quantity} x {rng.choice(_GOODS)}", font=_font(12), fill=0)
        draw.text((384, y), _euros(quantity * cents), font=_font(12), fill=0, anchor="ra")
        y += 24
    draw.line((36, y, 384, y), fill=0)
    draw.text((36, y + 10), "Total", font=_font(14), fill=0)
    draw.text((384, y + 10), _euros(total), font=_font(14), fill=0, anchor="ra")
    # Without dates of its own choice Pillow writes today's.
    when = issued.timetuple()
    return _bytes(page, "PDF", title=f"Invoice {number:06d}", creationDate=when, modDate=when)


def _euros(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d} EUR"


def _colour(rng: Random) -> tuple[int, int, int]:
    return (rng.randrange(256), rng.randrange(256), rng.randrange(256))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that comes inside Pillow: the host's own would differ from machine to machine."""
    return ImageFont.load_default(size)


def _bytes(image: Image.Image, format_: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()
