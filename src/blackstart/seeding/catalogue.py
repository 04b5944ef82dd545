"""Rows about what is for sale: products, their stock, and what customers think of them."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random

from blackstart.seeding.files import UploadRow
from blackstart.seeding.people import Row
from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, OPENED, ascending, moment, skewed, stream
from blackstart.seeding.scale import Scale
from blackstart.seeding.vocabulary import Vocabulary

PRODUCTS = (
    "product_id",
    "sku",
    "name",
    "description",
    "price",
    "weight_grams",
    "tags",
    "attributes",
    "swatch",
    "created_at",
)
INVENTORY = ("product_id", "stock", "version", "op_id")
REVIEWS = ("review_id", "product_id", "customer_id", "rating", "body", "created_at")
UPLOADS = ("upload_id", "product_id", "path", "media_type", "bytes", "sha256", "uploaded_at", "op_id")

# fmt: off
_THINGS = (
    "Armchair", "Backpack", "Bench", "Blanket", "Bookshelf", "Bottle", "Bowl", "Candle", "Carafe",
    "Chair", "Clock", "Cushion", "Desk", "Doormat", "Drawer", "Dresser", "Frame", "Grinder", "Hammock",
    "Kettle", "Lamp", "Lantern", "Mirror", "Mug", "Notebook", "Ottoman", "Pan", "Planter", "Plate",
    "Rug", "Scarf", "Shelf", "Stool", "Table", "Teapot", "Towel", "Tray", "Umbrella", "Vase", "Wallet",
)
_MATERIALS = ("Bamboo", "Copper", "Cotton", "Felt", "Glass", "Leather", "Linen", "Oak", "Steel", "Wool")
# Commas, quotes and braces are what arrays are written with: they must come back as data.
_TAGS = ("new", "sale", "gift", "vegan", "crème", 'boxed, 10"', "{limited}", "50% off", "eco\\home")
# fmt: on
_CENTS = (0, 49, 50, 90, 95, 99, 99, 99)
_MARKS = ("", "", "", " 👍", " — again, please!", " (5 €)", " 😀😀")


def prices(scale: Scale, seed: int) -> list[int]:
    """Return every product's price in cents, by product id - 1: a column that orders need as well."""
    rng = stream(seed, "prices")
    return [100 * int(2 + 400 * skewed(rng)) + rng.choice(_CENTS) for _ in range(scale.products)]


def money(cents: int) -> Decimal:
    """Return an amount with exactly two decimals."""
    return Decimal(cents).scaleb(-2)


def products(scale: Scale, seed: int, vocabulary: Vocabulary) -> Iterator[Row]:
    """Yield `PRODUCTS` rows, ids from 1; `attributes` is JSON text, `swatch` raw RGB bytes."""
    rng = stream(seed, "products")
    listed = ascending(rng, scale.products, OPENED, FIRST_ORDER)
    for product_id, (cents, created_at) in enumerate(zip(prices(scale, seed), listed, strict=True), start=1):
        thing, material = rng.choice(_THINGS), rng.choice(_MATERIALS)
        colour = rng.choice(vocabulary.colours)
        yield (
            product_id,
            f"{thing[:3].upper()}-{product_id:06d}",
            f"{rng.choice(vocabulary.brands)} {material} {thing}",
            _description(rng, vocabulary),
            money(cents),
            rng.randrange(20, 30_000) if rng.random() < 0.85 else None,
            rng.sample(_TAGS, rng.randrange(5)),
            _attributes(rng, colour, material),
            rng.randbytes(3 * rng.randrange(9)) if rng.random() < 0.7 else None,
            created_at,
        )


def inventory(scale: Scale, seed: int, _: Vocabulary) -> Iterator[Row]:
    """Yield `INVENTORY` rows: more of everything than the customers of a drill can buy."""
    rng = stream(seed, "inventory")
    for product_id in range(1, scale.products + 1):
        yield (product_id, rng.randint(50_000, 100_000), 0, None)


def reviews(scale: Scale, seed: int, vocabulary: Vocabulary) -> Iterator[Row]:
    """Yield `REVIEWS` rows of the last year; one in seven has stars and no words."""
    rng = stream(seed, "reviews")
    written = ascending(rng, scale.reviews, FIRST_ORDER, EPOCH)
    for review_id, created_at in enumerate(written, start=1):
        words = " ".join(rng.choices(vocabulary.sentences, k=rng.randint(1, 3)))
        yield (
            review_id,
            rng.randrange(1, scale.products + 1),
            rng.randrange(1, scale.customers + 1),
            rng.choice((1, 2, 3, 4, 4, 4, 5, 5, 5, 5)),
            words + rng.choice(_MARKS) if rng.random() < 0.86 else None,
            created_at,
        )


def uploads(files: Sequence[UploadRow], seed: int) -> Iterator[Row]:
    """Yield `UPLOADS` rows, one a file in the order given, ids from 1."""
    rng = stream(seed, "uploads")
    for upload_id, file in enumerate(files, start=1):
        uploaded_at = moment(rng, FIRST_ORDER, EPOCH - timedelta(days=1))
        yield (
            upload_id,
            file.product_id,
            file.path,
            file.media_type,
            file.bytes,
            file.sha256,
            uploaded_at,
            None,
        )


def _description(rng: Random, vocabulary: Vocabulary) -> str:
    first, *points = rng.choices(vocabulary.sentences, k=rng.randint(1, 4))
    return first + "".join(f"\n\t• {point}" for point in points)


def _attributes(rng: Random, colour: str, material: str) -> str:
    if rng.random() < 0.1:
        return "{}"
    attributes = {
        "colour": colour,
        "materials": [{"name": material.lower(), "share": rng.randrange(50, 101) / 100}, {"name": "other"}],
        "dimensions": {"width_mm": rng.randrange(20, 2_000), "height_mm": rng.randrange(20, 2_000)},
        "warranty": rng.choice((None, {"years": 2}, {"years": 5, "note": "frame only — café use excluded"})),
        "recyclable": rng.random() < 0.5,
    }
    return json.dumps(attributes)
