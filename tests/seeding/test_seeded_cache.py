"""The keys of a seeded shop: sessions, carts and counters with an end."""

import json
import re
from contextlib import AbstractContextManager, nullcontext

import pytest

from blackstart.seeding.cache import Entry, entries, load
from blackstart.seeding.scale import Scale

HOUR_MS = 3_600_000
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


class Recorder:
    """Stands in for a client and its pipeline: keeps what a pipeline was told once it is executed."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.ends: dict[str, int] = {}
        self._queued: dict[str, object] = {}

    def pipeline(self, *, transaction: bool) -> "AbstractContextManager[Recorder]":
        assert not transaction
        return nullcontext(self)

    def hset(self, key: str, *, items: list[str]) -> None:
        self._queued[key] = dict(zip(items[::2], items[1::2], strict=True))

    def set(self, key: str, value: str | int) -> None:
        self._queued[key] = value

    def pexpireat(self, key: str, at_ms: int) -> None:
        self.ends[key] = at_ms

    def execute(self) -> None:
        self.values |= self._queued
        self._queued.clear()


@pytest.fixture(scope="module")
def keys(small: Scale) -> list[Entry]:
    return list(entries(small, 42))


def test_every_key_once(keys: list[Entry], small: Scale) -> None:
    """One key a session, cart and product, and no key twice."""
    assert small.sessions + small.carts + small.products == len({entry.key for entry in keys}) == len(keys)


def test_lifetimes_outlast_a_drill(keys: list[Entry]) -> None:
    """Every key lives between two hours and seven days."""
    assert not [entry for entry in keys if not 2 * HOUR_MS <= entry.lifetime_ms <= 7 * 24 * HOUR_MS]


def test_sessions_are_hashes_of_customers(keys: list[Entry], small: Scale) -> None:
    """A session is a hash of texts and names a customer who exists."""
    sessions = [entry for entry in keys if re.fullmatch(f"session:{UUID}", entry.key)]

    assert small.sessions == len(sessions)
    for session in sessions:
        assert isinstance(session.value, dict)
        assert int(session.value["customer_id"]) in range(1, small.customers + 1)


def test_carts_are_canonical_json(keys: list[Entry], small: Scale) -> None:
    """A cart has sorted keys and no spaces, names what exists, and may be empty."""
    carts = [entry.value for entry in keys if re.fullmatch(f"cart:{UUID}", entry.key)]
    sizes = set()
    for text in carts:
        assert isinstance(text, str)
        cart = json.loads(text)
        sizes.add(len(cart["items"]))

        assert text == json.dumps(cart, sort_keys=True, separators=(",", ":"))
        assert {"customer_id", "items"} == set(cart)
        assert cart["customer_id"] in range(1, small.customers + 1)
        assert all(item["product_id"] in range(1, small.products + 1) for item in cart["items"])
        assert all(item["quantity"] >= 1 for item in cart["items"])

    assert small.carts == len(carts)
    assert {0, 1, 2, 3, 4} == sizes


def test_views_are_counters(keys: list[Entry], small: Scale) -> None:
    """Every product has a counter above zero."""
    views = {entry.key: entry.value for entry in keys if entry.key.startswith("views:")}

    assert {f"views:product:{n}" for n in range(1, small.products + 1)} == set(views)
    assert all(isinstance(count, int) and count > 0 for count in views.values())


def test_load_writes_every_key_with_an_absolute_end(keys: list[Entry], small: Scale) -> None:
    """Each key's end is the moment of seeding plus its lifetime, whatever the server's clock says."""
    client = Recorder()

    assert len(keys) == load(client, small, 42, now=1_700_000_000.5)  # type: ignore[arg-type]
    assert client.ends == {entry.key: 1_700_000_000_500 + entry.lifetime_ms for entry in keys}
    assert client.values == {entry.key: entry.value for entry in keys}
