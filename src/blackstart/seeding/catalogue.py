"""Rows about what is for sale: products, their stock, what customers think of them, and uploaded files."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np

from blackstart.seeding.copytext import (
    NULL,
    Columns,
    Texts,
    array,
    choices,
    digits,
    either,
    glue,
    hexadecimal,
    json_pool,
    moments,
    money,
    pool,
)
from blackstart.seeding.draws import Draws, Numbers
from blackstart.seeding.files import UploadRow
from blackstart.seeding.randomness import EPOCH, FIRST_ORDER, OPENED
from blackstart.seeding.recipe import Recipe

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
_SHORT_THINGS = pool(tuple(thing[:3].upper() for thing in _THINGS))
_MATERIALS = ("Bamboo", "Copper", "Cotton", "Felt", "Glass", "Leather", "Linen", "Oak", "Steel", "Wool")
# Commas, quotes and braces are what arrays are written with: they must come back as data.
_TAGS = ("new", "sale", "gift", "vegan", "crème", 'boxed, 10"', "{limited}", "50% off", "eco\\home")
# fmt: on
_CENTS: Numbers = np.array((0, 49, 50, 90, 95, 99, 99, 99))
_MARKS = pool(("", "", "", " 👍", " — again, please!", " (5 €)", " 😀😀"))
_STARS = pool(("1", "2", "3", "4", "4", "4", "5", "5", "5", "5"))
_SHARES = json_pool(tuple(percent / 100 for percent in range(50, 101)))
_WARRANTIES = pool(("null", '{"years": 2}', '{"years": 5, "note": "frame only — café use excluded"}'))


def prices(recipe: Recipe, product_ids: Numbers) -> Numbers:
    """Return the prices of some products in cents: a column that orders need as well."""
    draw = recipe.draws("prices", product_ids)
    return 200 + 100 * draw.skewed("euros", 400) + _CENTS.take(draw.below("cents", len(_CENTS)))


def products(recipe: Recipe, ids: Numbers) -> Columns:
    """Return `PRODUCTS` rows; `attributes` is JSON, `swatch` raw RGB bytes."""
    draw, words = recipe.draws("products", ids), recipe.vocabulary
    thing, material = draw.below("thing", len(_THINGS)), draw.below("material", len(_MATERIALS))
    brand = draw.pick("brand", pool(words.brands))
    return (
        digits(ids),
        glue(_SHORT_THINGS.take(thing), b"-", digits(ids, 6)),
        glue(brand, b" ", pool(_MATERIALS).take(material), b" ", pool(_THINGS).take(thing)),
        _description(draw, words.sentences),
        money(prices(recipe, ids)),
        either(draw.chance("has weight", 0.85), digits(20 + draw.below("weight", 29_980))),
        draw.some("tags", choices(_TAGS, 4, array)),
        either(draw.chance("has attributes", 0.9), _attributes(draw, words.colours, material), b"{}"),
        either(draw.chance("has swatch", 0.7), _swatch(draw)),
        moments(draw.ascending("created_at", recipe.scale.products, OPENED, FIRST_ORDER)),
    )


def inventory(recipe: Recipe, product_ids: Numbers) -> Columns:
    """Return `INVENTORY` rows: more of everything than the customers of a drill can buy."""
    stock = 50_000 + recipe.draws("inventory", product_ids).below("stock", 50_001)
    return (digits(product_ids), digits(stock), b"0", NULL)


def reviews(recipe: Recipe, ids: Numbers) -> Columns:
    """Return `REVIEWS` rows of the last year; one in seven has stars and no words."""
    draw, scale = recipe.draws("reviews", ids), recipe.scale
    sentences = recipe.vocabulary.sentences
    more = _some_of(draw, "sentence", tuple(f" {sentence}" for sentence in sentences), 2)
    words = glue(draw.pick("words", pool(sentences)), *more, draw.pick("mark", _MARKS))
    return (
        digits(ids),
        digits(1 + draw.below("product", scale.products)),
        digits(1 + draw.below("customer", scale.customers)),
        draw.pick("rating", _STARS),
        either(draw.chance("has words", 0.86), words),
        moments(draw.ascending("created_at", scale.reviews, FIRST_ORDER, EPOCH)),
    )


def uploads(files: Sequence[UploadRow]) -> Callable[[Recipe, Numbers], Columns]:
    """Return what makes `UPLOADS` rows: row n describes file n of those given."""

    def rows(recipe: Recipe, ids: Numbers) -> Columns:
        some = [files[number - 1] for number in ids.tolist()]
        uploaded_at = recipe.draws("uploads", ids).moment("uploaded_at", FIRST_ORDER, EPOCH - timedelta(days=1))
        return (
            digits(ids),
            np.array([NULL if file.product_id is None else b"%d" % file.product_id for file in some]),
            np.array([file.path.encode() for file in some]),
            np.array([file.media_type.encode() for file in some]),
            digits(np.array([file.bytes for file in some])),
            np.array([b"\\\\x" + file.sha256.hex().encode() for file in some]),
            moments(uploaded_at),
            NULL,
        )

    return rows


def _description(draw: Draws, sentences: tuple[str, ...]) -> Texts:
    """A sentence, and up to three points below it."""
    points = _some_of(draw, "point", tuple(f"\n\t• {sentence}" for sentence in sentences), 3)
    return glue(draw.pick("description", pool(sentences)), *points)


def _some_of(draw: Draws, column: str, words: tuple[str, ...], most: int) -> list[Texts]:
    """Up to so many words a row, in as many texts: those that a row does not have are blank."""
    count = draw.below(f"{column}s", most + 1)
    return [either(count > n, draw.pick(f"{column} {n}", pool(words)), b"") for n in range(most)]


def _attributes(draw: Draws, colours: tuple[str, ...], material: Numbers) -> Texts:
    materials = json_pool(tuple(name.lower() for name in _MATERIALS)).take(material)
    return glue(
        *(b'{"colour": ', draw.pick("colour", json_pool(colours))),
        *(b', "materials": [{"name": ', materials, b', "share": ', draw.pick("share", _SHARES)),
        *(b'}, {"name": "other"}], "dimensions": {"width_mm": ', digits(20 + draw.below("width", 1_980))),
        *(b', "height_mm": ', digits(20 + draw.below("height", 1_980))),
        *(b'}, "warranty": ', draw.pick("warranty", _WARRANTIES)),
        *(b', "recyclable": ', draw.pick("recyclable", json_pool((True, False))), b"}"),
    )


def _swatch(draw: Draws) -> Texts:
    """Up to eight colours of three bytes, as COPY writes bytes."""
    raw = np.stack([draw.bits(f"swatch {n}") for n in range(3)], axis=1).astype("<u8").view(np.uint8)
    texts = hexadecimal(raw)
    length = 6 * draw.below("colours", 9)
    places = texts.view(np.uint8).reshape(len(texts), -1)
    places *= np.arange(places.shape[1]) < length[:, np.newaxis]
    return glue(b"\\\\x", texts)
