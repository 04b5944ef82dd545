"""Carts and sessions: what Redis keeps for a while. The key is the operation's id."""

import json
import time

from . import forms
from .errors import Refused
from .forms import UUID, Call
from .stores import Stores
from .web import Answer

CART_TTL_S = 7 * 24 * 3600
SESSION_TTL_S = 24 * 3600


def fill_cart(stores: Stores, call: Call) -> Answer:
    """POST /carts: 201 once Redis has it, 200 for a known key; the first content stays."""
    key = str(call.idempotency_key())
    fields = call.fields()
    content = {
        "customer_id": forms.row_id(fields, "customer_id"),
        "items": [{"product_id": i.product_id, "quantity": i.quantity} for i in forms.items(fields)],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    with stores.cache.commands() as redis:
        made = redis.set(f"cart:{key}", canonical, nx=True, ex=CART_TTL_S)
    return Answer(201 if made else 200, {"cart": key})


def show_cart(stores: Stores, call: Call) -> Answer:
    """GET /carts/{key}: the cart's content, 404 if there is none or it has expired."""
    key = _key(call)
    with stores.cache.commands() as redis:
        content = redis.get(f"cart:{key}")
    if content is None:
        raise Refused(404, "there is no such cart")
    return Answer(200, {"cart": key, **json.loads(str(content))})


def open_session(stores: Stores, call: Call) -> Answer:
    """POST /sessions: 201 once Redis has it, 200 for a known key; neither content nor expiry moves."""
    key = str(call.idempotency_key())
    customer_id = forms.row_id(call.fields(), "customer_id")
    name = f"session:{key}"
    with stores.cache.commands() as redis:
        pipeline = redis.pipeline(transaction=True)
        pipeline.hsetnx(name, "customer_id", str(customer_id))
        pipeline.hsetnx(name, "opened_at", str(int(time.time())))
        pipeline.expire(name, SESSION_TTL_S, nx=True)
        made = pipeline.execute()[0]
    return Answer(201 if made else 200, {"session": key})


def show_session(stores: Stores, call: Call) -> Answer:
    """GET /sessions/{key}: whose session it is, 404 if there is none or it has expired."""
    key = _key(call)
    with stores.cache.commands() as redis:
        customer_id, opened_at = redis.hmget(f"session:{key}", ["customer_id", "opened_at"])
    if customer_id is None or opened_at is None:
        raise Refused(404, "there is no such session")
    return Answer(200, {"session": key, "customer_id": int(customer_id), "opened_at": int(opened_at)})


def _key(call: Call) -> str:
    key = call.path["key"]
    if not UUID.fullmatch(key):
        raise Refused(404, "keys are uuids")
    return key.lower()
