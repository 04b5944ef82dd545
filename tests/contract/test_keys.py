"""Fingerprints of every type of key: what a value is, not how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.contract.conftest import Live

from blackstart.evidence import KeyFingerprint
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
