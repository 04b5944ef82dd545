"""Fingerprints of every type of key, and what the check makes of the keys that customers write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.contract.conftest import Live

from blackstart.checks.base import run
from blackstart.checks.redis_keys import RedisKeys
from blackstart.evidence import KeyFingerprint, Observation
from blackstart.judge import outcome
from blackstart.observe import keys
from blackstart.selftest import more_keys


@pytest.fixture
def client(live: Live) -> Iterator[Any]:
    """A client of a Redis that has a key of each type beside the shop's."""
    with live.stage.shop.cache() as made:
        more_keys.load(made)
        yield made
        made.delete(*made.scan_iter(match="zoo:*"))


def seen(client: Any) -> dict[str, KeyFingerprint]:
    """The keys of other types."""
    return keys.fingerprint(client, match="zoo:*")


CHANGES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "list-order": ("zoo:list", lambda c: c.lmove("zoo:list", "zoo:list", "LEFT", "RIGHT")),
    "set-member": ("zoo:set", lambda c: c.srem("zoo:set", "ü")),
    "score": ("zoo:scores", lambda c: c.zadd("zoo:scores", {"b": 0.1000001})),
    "stream-entry": ("zoo:stream", lambda c: c.xdel("zoo:stream", "2-1")),
    "stream-field": ("zoo:stream", lambda c: c.xdel("zoo:stream", "3-1") + len(c.xadd("zoo:stream", {"x": 1}, "3-2"))),
    "group": ("zoo:stream", lambda c: c.xgroup_create("zoo:stream", "more", "0")),
    "group-position": ("zoo:stream", lambda c: c.xgroup_setid("zoo:stream", "readers", "3-1")),
    "confirmed": ("zoo:stream", lambda c: c.xack("zoo:stream", "readers", "1-1")),
    "bit": ("zoo:bits", lambda c: c.setbit("zoo:bits", 7, 1)),
    "place": ("zoo:places", lambda c: c.geoadd("zoo:places", (13.5, 52.5, "Berlin"))),
    "bytes": ("zoo:\\xff\x00", lambda c: c.set(b"zoo:\xff\x00", b"\x00\xfe")),
    "type": ("zoo:list", lambda c: (c.delete("zoo:list"), c.sadd("zoo:list", "a", "b", "c"))),
    "expiry": ("zoo:set", lambda c: c.expire("zoo:set", 100)),
}


@pytest.mark.parametrize("what", CHANGES)
def test_one_change_changes_one_fingerprint(what: str, client: Any) -> None:
    """That of the key that was changed."""
    name, change = CHANGES[what]
    before = seen(client)
    change(client)
    after = seen(client)

    assert {name} == {key for key in before if before[key] != after.get(key)}
    assert before.keys() == after.keys()


def test_encodings_do_not_count(client: Any) -> None:
    """The same members as another structure in memory."""
    before = seen(client)
    client.sadd("zoo:numbers", "no number")
    client.srem("zoo:numbers", "no number")
    client.config_set("zset-max-listpack-entries", 0)
    client.zadd("zoo:scores", {"x": 1})
    client.zrem("zoo:scores", "x")
    client.config_set("zset-max-listpack-entries", 128)

    assert b"intset" != client.object("ENCODING", "zoo:numbers")
    assert b"skiplist" == client.object("ENCODING", "zoo:scores")
    assert before == seen(client)


def test_a_module_types_value_is_its_serialized_form(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Types that this version does not know are compared by what DUMP gives, without its version and checksum."""
    dump = client.dump("zoo:set")
    same, other = (keys.digest("ReJSON-RL", dump[:-10] + bytes([n]) * 10) for n in (1, 2))

    assert same == other
    assert same != keys.digest("ReJSON-RL", dump[:-11] + bytes(11))


def test_keys_of_other_databases_are_counted(client: Any) -> None:
    """By database, and the shop's own is none of them."""
    client.copy("zoo:set", "zoo:set", destination_db=5)
    found = keys.elsewhere(client)
    client.execute_command("SELECT", 5)
    client.delete("zoo:set")
    client.execute_command("SELECT", 0)

    assert {"db5": 1} == found
    assert {} == keys.elsewhere(client)


CUSTOMER = {b"customer_id": b"1", b"opened_at": b"1700000000"}

SESSIONS: dict[str, tuple[Callable[[Any, str], object], str]] = {
    "as it was opened": (lambda c, name: c.hset(name, mapping=CUSTOMER), ""),
    "another's": (lambda c, name: c.hset(name, mapping={**CUSTOMER, b"customer_id": b"2"}), "value changed: "),
    "a field too many": (lambda c, name: c.hset(name, mapping={**CUSTOMER, b"admin": b"1"}), "value changed: "),
    "a field too few": (lambda c, name: c.hset(name, b"customer_id", b"1"), "value changed: "),
    "no moment": (lambda c, name: c.hset(name, mapping={**CUSTOMER, b"opened_at": b""}), "value changed: "),
    "no hash": (lambda c, name: c.set(name, b"1"), "type changed: "),
}


def seen_by_the_check(live: Live, *, subject: str) -> Observation:
    """What the check observes of a shop that follows from seed and ledger."""
    scene = live.stage.scene(live.seed, stage="gate")
    return next(seen for seen in run(RedisKeys, scene) if seen.subject == subject)


@pytest.mark.parametrize("expires", [True, False])
@pytest.mark.parametrize("what", SESSIONS)
def test_a_session_of_the_run_is_what_the_ledger_says(what: str, expires: bool, live: Live) -> None:
    """Whose it is, which fields it has, its type, and that it ends; only when it was opened nobody else knows."""
    write, said = SESSIONS[what]
    writes = live.stage.writes
    operation = writes.invoke(0, "cache", "session", {"customer_id": 1})
    writes.complete(operation, "ok", {})
    name = f"session:{operation.id}"
    with live.stage.shop.cache() as client:
        write(client, name)
        if expires:
            client.expire(name, 600)
        seen = seen_by_the_check(live, subject="keys")
        client.delete(name)
    writes._operations.pop(operation.id)

    expected = [f"{said}{name}"] * bool(said) + [f"expiry changed: {name}"] * (not expires)
    assert expected == [line.partition(" (")[0] for line in seen.differences]
    assert ("fail" if expected else "pass") == outcome(seen)


COUNTERS: dict[str, tuple[Callable[[Any, str], object], str]] = {
    "never ends": (lambda c, name: c.persist(name), "expiry changed: "),
    "ends later": (lambda c, name: c.pexpireat(name, c.pexpiretime(name) + 1), "expiry changed: "),
    "a list": (lambda c, name: (c.delete(name), c.rpush(name, "1")), "type changed: "),
    "no number": (lambda c, name: c.set(name, "many", keepttl=True), "no number: "),
    "one too many": (lambda c, name: c.incr(name), "out of bounds: "),
    "gone": (lambda c, name: c.delete(name), "missing: "),
}


@pytest.mark.parametrize("what", COUNTERS)
def test_a_view_counter_is_the_seeds_but_for_its_value(what: str, live: Live) -> None:
    """Its type and its expiry do not move, however often somebody looks."""
    change, said = COUNTERS[what]
    name = min(live.seed.counters)
    with live.stage.shop.cache() as client:
        kept, expires = client.dump(name), client.pexpiretime(name)
        assert kept is not None
        change(client, name)
        seen = seen_by_the_check(live, subject="counters")
        client.restore(name, expires, kept, absttl=True, replace=True)

    assert "fail" == outcome(seen)
    assert seen.differences[0].startswith(f"{said}{name}")
    assert "pass" == outcome(seen_by_the_check(live, subject="counters"))
