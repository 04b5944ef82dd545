"""Stores that are each in order and do not agree: rows, files, carts and sessions that name what is not there."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import redis
from blake3 import blake3

from blackstart.selftest.case import Case, Copy, sql
from blackstart.selftest.cases.uploads import changing

PNG = "products/seed-000002.png"
_GHOST = (
    "INSERT INTO uploads (product_id, path, media_type, bytes, sha256)"
    " VALUES (1, 'products/ghost.png', 'image/png', 1, sha256('x'))"
)


def _cache(change: Callable[[redis.Redis], object]) -> Callable[[Copy], None]:
    def plant(copy: Copy) -> None:
        with copy.cache() as client:
            change(client)

    return plant


def _cart(text: str) -> Callable[[Copy], None]:
    return _cache(lambda client: client.set("cart:planted", text, ex=3600))


def _agreeing_on_size(copy: Copy) -> None:
    """File and row were both replaced, and by different things."""
    changing(lambda volume: (volume / PNG).write_bytes(b"x"))(copy)
    sql("UPDATE uploads SET bytes = 1, sha256 = sha256('y') WHERE path = 'products/seed-000002.png'")(copy)


def _unfinished(copy: Copy) -> None:
    """An upload that was cut off between its file and its row, which the shop writes in that order."""
    content, name = b"a picture", str(uuid.UUID(int=1))
    last = max(copy.operations, key=lambda operation: operation.invoked_s)
    value = {
        "product_id": 1,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "blake3": blake3(content).hexdigest(),
    }
    made = replace(last, id=name, store="uploads", op="upload", value=value, outcome="info", result={})
    copy.operations.append(made)
    changing(lambda volume: (volume / "products" / f"{name}.png").write_bytes(content))(copy)


_STRANGER = partial(Path.write_bytes, data=b"x")

CASES = (
    Case(
        what="a row that names a file that is not there",
        plant=sql(_GHOST),
        found_by="cross-store",
        names="rows and files: row without its file: products/ghost.png",
        alone=True,
    ),
    Case(
        what="a row that names a file that is not there, after a crash",
        plant=sql(_GHOST),
        found_by="cross-store",
        names="rows and files: row without its file: products/ghost.png",
        alone=True,
        explained_by="ledger",
    ),
    Case(
        what="a file is gone, and its row is not",
        plant=changing(lambda volume: (volume / PNG).unlink()),
        found_by="cross-store",
        names=f"rows and files: row without its file: {PNG}",
        alone=True,
    ),
    Case(
        what="a file that no row names and nobody uploaded",
        plant=changing(lambda volume: _STRANGER(volume / "products" / "orphan.png")),
        found_by="cross-store",
        names="rows and files: file without a row: products/orphan.png",
        alone=True,
    ),
    Case(
        what="a seeded file whose row is gone",
        plant=sql("DELETE FROM uploads WHERE path = 'products/seed-000002.png'"),
        found_by="cross-store",
        names=f"rows and files: file without a row: {PNG}",
        alone=True,
    ),
    Case(
        what="a row with the digest of another file",
        plant=sql(
            "UPDATE uploads SET sha256 = (SELECT sha256 FROM uploads WHERE path = 'products/seed-000004.png')"
            " WHERE path = 'products/seed-000002.png'"
        ),
        found_by="cross-store",
        names=f"rows and files: row whose file has other bytes than its sha256: {PNG}",
        alone=True,
    ),
    Case(
        what="a row with the size of another file",
        plant=sql("UPDATE uploads SET bytes = 1 WHERE path = 'products/seed-000002.png'"),
        found_by="cross-store",
        names="rows and files: row without its file in its 1 bytes, but",
        alone=True,
    ),
    Case(
        what="a file and its row that agree on a size and not on bytes",
        plant=_agreeing_on_size,
        found_by="cross-store",
        names=f"rows and files: row whose file has other bytes than its sha256: {PNG}",
        alone=True,
    ),
    Case(
        what="a cart of a customer who does not exist",
        plant=_cart('{"customer_id":99999999,"items":[]}'),
        found_by="cross-store",
        names="carts and sessions: cart:planted names customer 99999999",
        alone=True,
    ),
    Case(
        what="a cart with a product that does not exist",
        plant=_cart('{"customer_id":1,"items":[{"product_id":99999999,"quantity":1}]}'),
        found_by="cross-store",
        names="carts and sessions: cart:planted names product 99999999",
        alone=True,
    ),
    Case(
        what="a cart that is cut in the middle",
        plant=_cart('{"customer_id":1,"items":[{"prod'),
        found_by="cross-store",
        names="carts and sessions: cannot be read: cart:planted",
        alone=True,
    ),
    Case(
        what="a session of a customer who does not exist",
        plant=_cache(lambda client: client.hset("session:planted", "customer_id", "99999999")),
        found_by="cross-store",
        names="carts and sessions: session:planted names customer 99999999",
        alone=True,
    ),
    Case(
        what="customers are gone whom carts name",
        plant=sql(
            "SET session_replication_role = replica",
            "DELETE FROM customers",
        ),
        found_by="cross-store",
        names="names customer 1, and there is none",
    ),
    Case(
        what="the file of an upload that nobody confirmed, without its row",
        plant=_unfinished,
        explained_by="ledger",
    ),
)
