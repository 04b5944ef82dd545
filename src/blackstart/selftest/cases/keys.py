"""Keys of Redis that came back changed, ended too early, or never will; and encodings that nobody can see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import redis

from blackstart.selftest import more_keys
from blackstart.selftest.case import Case, Copy

Change = Callable[[Any, Any], object]
"""Given a client of Redis and a key's name. (Its annotations do not know that a name may be bytes.)"""


def _first(client: redis.Redis, pattern: str) -> bytes:
    """The first key of a kind by name, so that each run takes the same one."""
    found: bytes = min(client.scan_iter(match=pattern, count=500))
    return found


def _case(
    what: str,
    change: Change,
    names: str,
    *,
    of: str = "session:*",
    found_by: str = "redis-keys",
    explained_by: Literal["backup", "ledger"] = "backup",
    alone: bool = True,
) -> Case:
    """A change to the first key of a kind: that one thing, and no other."""

    def plant(copy: Copy) -> None:
        with copy.cache() as client:
            change(client, _first(client, of))

    return Case(
        what=what,
        plant=plant,
        found_by=found_by,
        names=names,
        explained_by=explained_by,
        alone=alone and bool(found_by),
    )


def _set_value(client: Any, name: bytes) -> None:
    client.set(name, b"{}", keepttl=True)


def _set_type(client: Any, name: bytes) -> None:
    """The same field and value in another type of key, with the same end."""
    ends = client.pexpiretime(name)
    fields = client.hgetall(name)
    client.delete(name)
    client.rpush(name, *[part for pair in fields.items() for part in pair])
    client.pexpireat(name, ends)


def _renamed(client: Any, name: bytes) -> None:
    client.rename(name, name.upper())


def _later(client: Any, name: bytes) -> None:
    client.pexpireat(name, client.pexpiretime(name) + 1)


def _swapped(client: Any, _: bytes) -> None:
    """Two carts change places: all values and all names are there."""
    first, second = sorted(client.scan_iter(match="cart:*", count=500))[:2]
    ours, theirs = client.get(first), client.get(second)
    client.set(first, theirs or b"", keepttl=True)
    client.set(second, ours or b"", keepttl=True)


def _other_database(client: Any, name: bytes) -> None:
    client.copy(name, name, destination_db=1)


def _reencoded(client: Any, name: bytes) -> None:
    """As a hash table where a list pack was, and back to the very same fields."""
    client.config_set("hash-max-listpack-entries", 0)
    client.hset(name, "x", "y")
    client.hdel(name, "x")
    client.config_set("hash-max-listpack-entries", 128)
    if client.object("ENCODING", name) != b"hashtable":
        raise LookupError("the hash was not encoded anew")


def _reordered(client: Any, name: bytes) -> None:
    """A hash written again in another order of its fields."""
    fields, ends = client.hgetall(name), client.pexpiretime(name)
    client.delete(name)
    for field, value in sorted(fields.items(), reverse=True):
        client.hset(name, field, value)
    client.pexpireat(name, ends)


def _read(client: Any, name: bytes) -> None:
    """Idle times and frequencies change by mere looking."""
    client.hgetall(name)
    client.touch(name)


_CART, _VIEWS = "cart:*", "views:*"
_CHANGED: Sequence[Case] = (
    _case("a session is missing", lambda client, name: client.delete(name), "keys: missing: session:"),
    _case(
        "a session is missing, after a crash",
        lambda c, n: c.delete(n),
        "keys: missing: session:",
        explained_by="ledger",
    ),
    _case("a cart is missing", lambda client, name: client.delete(name), "keys: missing: cart:", of=_CART),
    _case("a counter is missing", lambda client, name: client.delete(name), "keys: missing: views:", of=_VIEWS),
    _case(
        "a counter is missing, after a crash",
        lambda c, n: c.delete(n),
        "counters: missing: views:",
        of=_VIEWS,
        explained_by="ledger",
    ),
    _case("all keys are gone", lambda client, _: client.flushall(), "keys: missing: cart:", alone=False),
    _case(
        "a session that nobody opened",
        lambda c, _: c.hset("session:x", "customer_id", "1"),
        "keys: unexplained: session:x",
    ),
    _case("a key of no kind that the shop has", lambda client, _: client.set("lock", "1"), "keys: unexplained: lock"),
    _case("a key renamed", _renamed, "keys: unexplained: SESSION:", alone=False),
    _case("a session copied into another database", _other_database, "keys: unexplained: 1 keys in db1"),
    _case("a cart emptied", _set_value, "keys: value changed: cart:", of=_CART),
    _case("a cart emptied, after a crash", _set_value, "keys: value changed: cart:", of=_CART, explained_by="ledger"),
    _case("two carts changed places", _swapped, "keys: value changed: cart:", of=_CART, alone=False),
    _case("a counter one too high", lambda client, name: client.incr(name), "keys: value changed: views:", of=_VIEWS),
    _case(
        "a counter went back",
        lambda c, n: c.decrby(n, 60_000),
        "counters: out of bounds: views:",
        of=_VIEWS,
        explained_by="ledger",
    ),
    _case(
        "one field of a session changed",
        lambda c, n: c.hset(n, "customer_id", "2000000"),
        "keys: value changed: session:",
    ),
    _case("one field more in a session", lambda c, n: c.hset(n, "admin", "1"), "keys: value changed: session:"),
    _case("one field less in a session", lambda c, n: c.hdel(n, "customer_id"), "keys: value changed: session:"),
    _case("a session as a list", _set_type, "keys: type changed: session:"),
)
_ENDS: Sequence[Case] = (
    _case("a session that never ends", lambda client, name: client.persist(name), "keys: expiry changed: session:"),
    _case(
        "a session that never ends, after a crash",
        lambda c, n: c.persist(n),
        "keys: expiry changed: session:",
        explained_by="ledger",
    ),
    _case("a cart that lives a millisecond longer", _later, "keys: expiry changed: cart:", of=_CART),
    _case("a counter that ends in a minute", lambda c, n: c.expire(n, 60), "keys: expiry changed: views:", of=_VIEWS),
)


_OF_OTHER_TYPES: Sequence[Case] = (
    _case(
        "two items of a list changed places",
        lambda c, n: c.lmove(n, n, "LEFT", "RIGHT"),
        "keys: value changed: zoo:list",
        of="zoo:list",
    ),
    _case("one item more in a list", lambda c, n: c.rpush(n, "last"), "keys: value changed: zoo:list", of="zoo:list"),
    _case("one member of a set is missing", lambda c, n: c.srem(n, "a"), "keys: value changed: zoo:set", of="zoo:set"),
    _case("a set of one number more", lambda c, n: c.sadd(n, 4), "keys: value changed: zoo:numbers", of="zoo:numbers"),
    _case(
        "one score changed",
        lambda c, n: c.zadd(n, {"a": 1.0000001}),
        "keys: value changed: zoo:scores",
        of="zoo:scores",
    ),
    _case(
        "one entry of a stream is missing",
        lambda c, n: c.xdel(n, "2-1"),
        "keys: value changed: zoo:stream",
        of="zoo:stream",
    ),
    _case(
        "a consumer group is missing",
        lambda c, n: c.xgroup_destroy(n, "readers"),
        "keys: value changed: zoo:stream",
        of="zoo:stream",
    ),
    _case(
        "an entry counts as confirmed",
        lambda c, n: c.xack(n, "readers", "1-1"),
        "keys: value changed: zoo:stream",
        of="zoo:stream",
    ),
    _case("one bit of a bitmap", lambda c, n: c.setbit(n, 100, 0), "keys: value changed: zoo:bits", of="zoo:bits"),
    _case(
        "a key without an end has one",
        lambda c, n: c.expire(n, 3600),
        "keys: expiry changed: zoo:list (never →",
        of="zoo:list",
    ),
    _case("a key that is no text is missing", lambda c, n: c.delete(n), "keys: missing: zoo:\\xff", of="zoo:[^a-z]*"),
)


def _as_hash_table(client: Any, name: bytes) -> None:
    """A set of numbers as a hash table, and back to the very same members."""
    client.sadd(name, "no number")
    client.srem(name, "no number")
    if client.object("ENCODING", name) == b"intset":
        raise LookupError("the set was not encoded anew")


def _is_over(client: Any, name: bytes) -> None:
    """The key that backup and seed have, whose time was over before the first case."""
    if client.exists(more_keys.ENDS_SOON):
        raise LookupError(f"{more_keys.ENDS_SOON} is there still")
    client.touch(name)


_HEALTHY: Sequence[Case] = (
    _case("a key whose time was over since the backup is gone", _is_over, "", found_by=""),
    _case("a key whose time was over since the seed is gone", _is_over, "", found_by="", explained_by="ledger"),
    _case("a hash in another encoding", _reencoded, "", found_by=""),
    _case("a hash in another encoding, after a crash", _reencoded, "", found_by="", explained_by="ledger"),
    _case("a hash written in another order", _reordered, "", found_by=""),
    _case("a set of numbers in another encoding", _as_hash_table, "", of="zoo:numbers", found_by=""),
    _case("keys that were read", _read, "", found_by=""),
)
CASES = (*_CHANGED, *_ENDS, *_OF_OTHER_TYPES, *_HEALTHY)
