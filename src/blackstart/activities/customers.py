"""Customers: threads that browse, order, fill carts and upload pictures, and keep the ledger."""

from __future__ import annotations

import contextlib
import hashlib
import io
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
from blake3 import blake3

from blackstart.activities.http_client import client, perform
from blackstart.activities.rounds import ROUND
from blackstart.errors import NotConducted
from blackstart.ledger import Ledger
from blackstart.seeding.scale import Scale

DRAIN_DEADLINE_S = 20.0


class Customers:
    """All customers of one shop. They can be told to pause, and go on.

    `urls`: the storefronts that serve now; where there are several, each has its part of the customers.
    """

    name = "customers"

    def __init__(
        self,
        urls: Callable[[], Sequence[str]],
        scale: Scale,
        seed: int,
        *,
        customers: int,
        operations_per_second: float,
        writes: Ledger,
        reads: Ledger,
    ) -> None:
        self._urls = urls
        self._scale = scale
        self._seed = seed
        self._number = customers
        self._period_s = customers / operations_per_second
        self._writes = writes
        self._reads = reads
        self._open = threading.Event()
        self._open.set()
        self._busy = 0
        self._idle = threading.Condition()

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop; an error in one customer's own code ends them all, loudly."""
        errors: list[Exception] = []

        def one(number: int) -> None:
            try:
                self._customer(number, stop)
            except Exception as error:  # noqa: BLE001 -- handed to the thread that reports
                errors.append(error)
                stop.set()

        threads = [threading.Thread(target=one, args=(n,), name=f"customer-{n}") for n in range(self._number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def drain(self) -> None:
        """No new operations; return when those under way have their outcome."""
        self._open.clear()
        with self._idle:
            if not self._idle.wait_for(lambda: self._busy == 0, DRAIN_DEADLINE_S):
                raise NotConducted(f"{self._busy} customers did not come to rest within {DRAIN_DEADLINE_S:.0f} s")

    def go_on(self) -> None:
        """Take up operations again."""
        self._open.set()

    def _customer(self, number: int, stop: threading.Event) -> None:
        rng = random.Random(f"{self._seed}/customer/{number}")
        due = time.monotonic() + rng.random() * self._period_s
        turn = number
        with contextlib.ExitStack() as open_clients:
            clients: dict[str, httpx.Client] = {}
            while not stop.is_set():
                if stop.wait(max(0.0, due - time.monotonic())):
                    return
                # A customer who was held up does not hurry afterwards: the shop sees no burst.
                due = max(due + self._period_s, time.monotonic())
                if self._enter():
                    try:
                        urls = self._urls()
                        url = urls[number % len(urls)]
                        if url not in clients:
                            clients[url] = open_clients.enter_context(client(url))
                        http = clients[url]
                        _ACTIONS[ROUND[turn % len(ROUND)]](self, number, http, rng)
                    finally:
                        self._leave()
                    turn += 1

    def _enter(self) -> bool:
        with self._idle:
            if not self._open.is_set():
                return False
            self._busy += 1
            return True

    def _leave(self) -> None:
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def _order(self, number: int, http: httpx.Client, rng: random.Random) -> None:
        value = {**self._basket(rng), "card_token": f"tok_{rng.getrandbits(64):016x}"}
        perform(
            http,
            self._writes,
            self._writes.invoke(number, "database", "order", value),
            "POST",
            "/orders",
            json=value,
        )

    def _cart(self, number: int, http: httpx.Client, rng: random.Random) -> None:
        value = self._basket(rng)
        perform(
            http,
            self._writes,
            self._writes.invoke(number, "cache", "cart", value),
            "POST",
            "/carts",
            json=value,
        )

    def _upload(self, number: int, http: httpx.Client, rng: random.Random) -> None:
        content, product = picture(rng), self._product(rng)
        value = {
            "product_id": product,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "blake3": blake3(content).hexdigest(),
        }
        operation = self._writes.invoke(number, "uploads", "upload", value)
        headers = {"Content-Type": "image/png"}
        perform(
            http,
            self._writes,
            operation,
            "PUT",
            f"/products/{product}/images",
            content=content,
            headers=headers,
        )

    def _browse(self, number: int, http: httpx.Client, rng: random.Random) -> None:
        product = self._product(rng)
        operation = self._reads.invoke(number, "cache", "browse", {"product_id": product})
        perform(http, self._reads, operation, "GET", f"/products/{product}")

    def _basket(self, rng: random.Random) -> dict[str, Any]:
        products = rng.sample(range(1, self._scale.products + 1), min(rng.randint(1, 3), self._scale.products))
        items = [{"product_id": product, "quantity": rng.randint(1, 4)} for product in products]
        return {"customer_id": rng.randint(1, self._scale.customers), "items": items}

    def _product(self, rng: random.Random) -> int:
        return rng.randint(1, self._scale.products)


_ACTIONS: Mapping[str, Callable[[Customers, int, httpx.Client, random.Random], None]] = {
    "order": Customers._order,
    "cart": Customers._cart,
    "upload": Customers._upload,
    "browse": Customers._browse,
}


def picture(rng: random.Random) -> bytes:
    """A small PNG that is like no other."""
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("RGB", (24, 24), rng.randbytes(24 * 24 * 3)).save(out, "PNG", compress_level=1)
    return out.getvalue()
