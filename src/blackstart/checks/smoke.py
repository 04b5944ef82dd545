"""`smoke`: the application itself sells, stores and serves again, after the fence is lifted."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import httpx
from blake3 import blake3

from blackstart.activities.customers import picture
from blackstart.activities.http_client import client, perform
from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, Stage

PROBE_CLIENT = -1
"""The ledger's client number of writes that nobody bought anything with."""
DEADLINE_S = 30.0


class Smoke:
    """Its writes are in the ledger like anybody's, so that no later check takes them for strangers."""

    NAME: ClassVar[str] = "smoke"
    LAYER: ClassVar[int] = 13
    STAGES: ClassVar[Sequence[Stage]] = ("resume",)

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation a step of a visit: browse, order, upload and fetch, cart, session."""
        with client(scene.shop.url) as http:
            for step, path in (("health", "/healthz"), ("browse", "/products")):
                yield observation(Smoke, scene, step, expected=200, actual=_get(http, path).status_code)
            # Looking at a product counts a view, so this read belongs in the ledger of reads.
            look = scene.reads.invoke(PROBE_CLIENT, "cache", "browse", {"product_id": 1})
            product = perform(http, scene.reads, look, "GET", "/products/1") or {}
            yield observation(Smoke, scene, "product", expected=1, actual=product.get("product_id"))
            yield from self._writes(scene, http)

    def _writes(self, scene: Scene, http: httpx.Client) -> Iterator[Observation]:
        basket = {"customer_id": 1, "items": [{"product_id": 1, "quantity": 1}]}
        order = _write(scene, http, "database", "order", {**basket, "card_token": "tok_smoke"}, "POST", "/orders")
        yield observation(Smoke, scene, "order", expected=True, actual="order_id" in order)
        cart = _write(scene, http, "cache", "cart", basket, "POST", "/carts")
        held = _get(http, f"/carts/{cart.get('cart')}")
        yield observation(Smoke, scene, "cart", expected=basket["items"], actual=_items(held))
        session = _write(scene, http, "cache", "session", {"customer_id": 1}, "POST", "/sessions")
        status = _get(http, f"/sessions/{session.get('session')}").status_code
        yield observation(Smoke, scene, "session", expected=200, actual=status)
        content = picture(random.Random(scene.shop.plan.run_id))
        sha256 = hashlib.sha256(content).hexdigest()
        value = {
            "product_id": 1,
            "bytes": len(content),
            "sha256": sha256,
            "blake3": blake3(content).hexdigest(),
        }
        operation = scene.writes.invoke(PROBE_CLIENT, "uploads", "upload", value)
        headers = {"Content-Type": "image/png"}
        answer = perform(http, scene.writes, operation, "PUT", "/products/1/images", content=content, headers=headers)
        fetched = _get(http, f"/uploads/{(answer or {}).get('path')}").content
        yield observation(Smoke, scene, "upload", expected=sha256, actual=hashlib.sha256(fetched).hexdigest())


def _get(http: httpx.Client, path: str) -> httpx.Response:
    """An answer; where there is none, one with the status 0, which is never what is expected."""
    try:
        return http.get(path)
    except httpx.TransportError:
        return httpx.Response(0)


def _items(cart: httpx.Response) -> object:
    """What a cart holds, or the status that came instead."""
    return cart.json().get("items") if cart.status_code == 200 else cart.status_code


def _write(
    scene: Scene, http: httpx.Client, store: str, op: str, value: Mapping[str, Any], method: str, path: str
) -> Mapping[str, Any]:
    """A write that must be acknowledged within the deadline; an empty answer if it is not."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        answer = perform(
            http, scene.writes, scene.writes.invoke(PROBE_CLIENT, store, op, value), method, path, json=value
        )
        if answer is not None:
            return answer
    return {}


EXTENSION = Smoke
