"""How a customer speaks HTTP: a few attempts of one operation, and what their outcomes prove."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from blackstart.ledger import Ledger, Operation

TIMEOUT_S = 2.0
BACKOFF_S = (0.1, 0.4)
"""Before the second and the third attempt; there is no fourth, as with a real client."""


def client(base_url: str, *, timeout_s: float = TIMEOUT_S) -> httpx.Client:
    """A client that takes no proxies from the environment."""
    return httpx.Client(base_url=base_url, timeout=timeout_s, trust_env=False)


def perform(
    http: httpx.Client,
    ledger: Ledger,
    operation: Operation,
    method: str,
    path: str,
    **request: Any,
) -> Mapping[str, Any] | None:
    """Carry out one operation and write down its outcome; the answer if it was acknowledged.

    `fail` only if every attempt provably did nothing: refused before a byte was sent, or answered
    4xx. One attempt that may have happened makes the whole operation `info`.
    """
    doubtful = False
    for attempt in range(len(BACKOFF_S) + 1):
        if attempt:
            time.sleep(BACKOFF_S[attempt - 1])
        outcome, answer = _attempt(http, method, path, operation.id, request)
        if answer is not None:
            ledger.complete(operation, "ok", answer)
            return answer
        ledger.attempt(operation, outcome)
        refused, rejected = outcome == "refused", outcome.startswith("http 4")
        doubtful = doubtful or not (refused or rejected)
        if rejected:
            break
    ledger.complete(operation, "info" if doubtful else "fail", {"last": outcome})
    return None


def _attempt(
    http: httpx.Client, method: str, path: str, key: str, request: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any] | None]:
    """The attempt's outcome in the ledger's words, and the answer to a 2xx."""
    headers = {**request.get("headers", {}), "Idempotency-Key": key}
    try:
        response = http.request(method, path, **{**request, "headers": headers})
        if response.is_success:
            answer = response.json()
            return "ok", answer if isinstance(answer, dict) else {"answer": answer}
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return "refused", None
    except httpx.TimeoutException:
        return "timeout", None
    except (httpx.TransportError, ValueError):
        return "reset", None
    return f"http {response.status_code}", None
