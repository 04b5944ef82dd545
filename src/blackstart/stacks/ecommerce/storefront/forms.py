"""What a request may carry. Whatever is malformed is Refused with 400 and the field's name."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Refused

LARGEST_BIGINT = 2**63 - 1
MOST_ITEMS = 100
MOST_OF_ONE = 10_000
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose body has arrived."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def idempotency_key(self) -> uuid.UUID:
        """The operation's id, chosen by the client."""
        key = self.headers.get("idempotency-key", "")
        if not UUID.fullmatch(key):
            raise Refused(400, "Idempotency-Key must be a uuid")
        return uuid.UUID(key)

    def fields(self) -> dict[str, object]:
        """The body as a JSON object."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(value, dict):
            raise Refused(400, "the body must be a JSON object")
        return value

    def path_id(self, name: str) -> int:
        """A row's id in the path; what cannot be an id is an unknown row."""
        text = self.path[name]
        if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > LARGEST_BIGINT:
            raise Refused(404, f"there is no {name.removesuffix('_id')} {text[:40]!r}")
        return int(text)


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a product."""

    product_id: int
    quantity: int


def row_id(fields: Mapping[str, object], name: str) -> int:
    """A row's id: a positive integer that fits a bigint."""
    return _integer(fields.get(name), name, LARGEST_BIGINT)


def items(fields: Mapping[str, object]) -> list[Item]:
    """The items in the request's order; a product may appear in more than one."""
    value = fields.get("items")
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ITEMS:
        raise Refused(400, f"items must be a list of 1 to {MOST_ITEMS} items")
    parsed = []
    for item in value:
        if not isinstance(item, dict):
            raise Refused(400, "an item must be an object")
        quantity = _integer(item.get("quantity"), "quantity", MOST_OF_ONE)
        parsed.append(Item(row_id(item, "product_id"), quantity))
    return parsed


def card_token(fields: Mapping[str, object]) -> str:
    """The payment provider's token for a card; card numbers never get here."""
    value = fields.get("card_token")
    if not isinstance(value, str) or not re.fullmatch(r"tok_[A-Za-z0-9_-]{1,100}", value):
        raise Refused(400, "card_token must be tok_ and letters, digits, - or _")
    return value


def _integer(value: object, name: str, largest: int) -> int:
    if type(value) is not int or not 0 < value <= largest:
        raise Refused(400, f"{name} must be an integer from 1 to {largest}")
    return value
