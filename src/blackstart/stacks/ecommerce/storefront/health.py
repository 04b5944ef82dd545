"""GET /healthz: each store is really used, and the answer comes in time even if one hangs."""

import asyncio
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .errors import Unavailable, describe
from .stores import Stores

LIMIT_S = 1.2


class Check:
    """One store's check in a thread of its own, so that a hanging store costs one thread and no more.

    A request that comes while the check runs shares its result, which is later than the request.
    """

    def __init__(self, touch: Callable[[], None]) -> None:
        self._touch = touch
        self._lock = threading.Lock()
        self._running: Future[str] | None = None
        self._wanted: SimpleQueue[Future[str]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def begin(self) -> "Future[str]":
        """The result to come: "ok", or what is wrong."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                self._wanted.put(self._running)
            return self._running

    def _run(self) -> None:
        while True:
            result = self._wanted.get()
            try:
                self._touch()
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is this check's result
                result.set_result(error.reason if isinstance(error, Unavailable) else describe(error))
            else:
                result.set_result("ok")


class Health:
    """The endpoint. It uses no thread of the pool: a crowd waiting for a store does not hide the answer."""

    def __init__(self, stores: Stores) -> None:
        self._checks = {
            "database": Check(lambda: _touch_database(stores)),
            "redis": Check(lambda: _touch_redis(stores)),
            "uploads": Check(lambda: _touch_uploads(stores.uploads_dir)),
        }

    async def serve(self, request: Request) -> Response:
        """200 if every store is ok, else 503; the same keys either way."""
        results = {name: asyncio.wrap_future(check.begin()) for name, check in self._checks.items()}
        await asyncio.wait(results.values(), timeout=LIMIT_S)
        report = {
            name: result.result() if result.done() else f"TimeoutError: no answer for {LIMIT_S} s"
            for name, result in results.items()
        }
        return JSONResponse(report, 200 if set(report.values()) == {"ok"} else 503)


def _touch_database(stores: Stores) -> None:
    with stores.database.transaction() as transaction:
        transaction.execute("SELECT 1")


def _touch_redis(stores: Stores) -> None:
    with stores.cache.commands() as redis:
        redis.ping()


def _touch_uploads(folder: Path) -> None:
    """Write and remove a file that is too large to hide in a directory's slack."""
    path = folder / f".healthz-{secrets.token_hex(4)}"
    try:
        with path.open("xb") as file:
            file.write(os.urandom(4096))
    finally:
        path.unlink(missing_ok=True)
