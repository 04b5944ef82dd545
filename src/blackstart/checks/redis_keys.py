"""`redis-keys`: every key is there with its type, value and absolute expiry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from blackstart.checkers import counter
from blackstart.checkers.counter import Increment
from blackstart.checks.base import Scene, canonical, now_ms, observation
from blackstart.differences import is_over, key_differences
from blackstart.evidence import KeyFingerprint, Keys, Observation, Stage
from blackstart.ledger import Operation
from blackstart.observe import keys

_OPENED = b"opened_at"
"""The one field of a session that the ledger cannot know."""


class RedisKeys:
    """After a restore of the cache they equal the manifest; else seed and ledger, counters within bounds."""

    NAME: ClassVar[str] = "redis-keys"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for the keys; where they follow from the ledger, one for the counters."""
        with scene.shop.cache() as client:
            found = keys.fingerprint(client)
            began_s = scene.reads.now()
            counters = keys.values(client, scene.seed.counters)
            hashes = [name for name in _sessions(scene) if name in found and found[name].type == "hash"]
            opened = {name: client.hget(name, _OPENED) for name in hashes}
            elsewhere = keys.elsewhere(client)
        exact = scene.expected_keys()
        if exact is None:
            plain = {name: key for name, key in found.items() if name not in scene.seed.counters}
            expected = _by_ledger(scene, plain, opened)
            yield _counters(scene, found, counters, began_s)
        else:
            plain, expected = found, exact
        now = now_ms()
        differences = key_differences(expected, plain, now_ms=now)
        # The shop's keys are in database 0, and so are the manifest's: what is elsewhere came from elsewhere.
        differences += [f"unexplained: {number} keys in {name}" for name, number in sorted(elsewhere.items())]
        due = [name for name, key in expected.items() if name in plain or not is_over(key, now)]
        yield observation(RedisKeys, scene, "keys", expected=len(due), actual=len(plain), differences=differences)


def _sessions(scene: Scene) -> dict[str, Operation]:
    """The sessions that customers may have opened, by key."""
    return {f"session:{o.id}": o for o in scene.operations("session").values() if o.possible}


def _by_ledger(scene: Scene, found: Keys, opened: Mapping[str, Any]) -> Keys:
    """The seed's keys that are no counters and have not expired, and each cart and session that is there.

    `opened`: when each session says that it was opened; any number is taken as it is.
    """
    now = now_ms()
    expected = {
        name: key
        for name, key in scene.seed.keys.items()
        if name not in scene.seed.counters and (name in found or not is_over(key, now))
    }
    for name, operation in _sessions(scene).items():
        if name in found:
            moment = opened.get(name) or b""
            fields = {
                b"customer_id": str(operation.value["customer_id"]).encode(),
                _OPENED: moment if moment.isdigit() else b"a number",
            }
            expected[name] = _written("hash", fields, found[name])
    for operation in scene.operations("cart").values():
        name = f"cart:{operation.id}"
        if name in found and operation.possible:
            expected[name] = _written("string", canonical(operation.value), found[name])
    return expected


def _written(kind: str, value: Any, found: KeyFingerprint) -> KeyFingerprint:
    """What a customer's write must have left: the shop sets the expiry, so it is only known that there is one."""
    expires = found.expires_ms if found.expires_ms > 0 else 0
    return KeyFingerprint(type=kind, digest=keys.digest(kind, value), expires_ms=expires)


def _counters(scene: Scene, found: Keys, values: Mapping[str, Any], began_s: float) -> Observation:
    """Each view counter lies between its seed and what customers may have added, and ends when it did."""
    views: defaultdict[str, list[Increment]] = defaultdict(list)
    for operation in scene.reads.operations():
        made = counter.increment(operation, 1, once=False, kept=_is_kept(scene, operation))
        views[f"views:product:{operation.value['product_id']}"].append(made)
    differences, now = [], now_ms()
    for name, seeded in sorted(scene.seed.counters.items()):
        seed, key, value = scene.seed.keys[name], found.get(name), values.get(name)
        if key is None:
            differences += [] if is_over(seed, now) else [f"missing: {name}"]
            continue
        # Values are what the bounds are for; type and expiry are the seed's, whoever counts.
        wrong = key_differences({name: replace(seed, digest=key.digest)}, {name: key}, now_ms=now)
        if key.type == seed.type and not wrong:
            wrong = list(_out_of_bounds(scene, name, value, seeded, views[name], began_s))
        differences += wrong
    expected = len(scene.seed.counters)
    return observation(
        RedisKeys,
        scene,
        "counters",
        expected=expected,
        actual=expected - len(differences),
        differences=differences,
    )


def _out_of_bounds(
    scene: Scene, name: str, value: Any, seeded: int, views: Sequence[Increment], began_s: float
) -> Iterator[str]:
    """What is wrong with a counter's value."""
    try:
        number = int(value)
    except (ValueError, TypeError):
        yield f"no number: {name} is {value!r}"
        return
    read = counter.Read(began_s=began_s, ended_s=scene.reads.now(), value=number)
    yield from (f"out of bounds: {name} is {out}" for out in counter.outside(seeded, views, [read]))


def _is_kept(scene: Scene, operation: Operation) -> bool:
    """Whether no restore of the cache can have undone what an acknowledged look counted."""
    backup, behind = scene.restored.get("cache"), scene.readings.get("verify")
    done = operation.completed_s or 0.0
    return backup is None or done < backup.manifest.snapshot_s or (behind is not None and done > behind.began_s)


EXTENSION = RedisKeys
