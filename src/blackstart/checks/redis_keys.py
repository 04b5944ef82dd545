"""`redis-keys`: every key is there with its type, value and absolute expiry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from blackstart.checks.base import Scene, canonical, now_ms, observation
from blackstart.differences import key_differences
from blackstart.evidence import KeyFingerprint, Keys, Observation, Stage
from blackstart.observe import keys


class RedisKeys:
    """After a restore of the cache they equal the manifest; else seed and ledger, counters within bounds."""

    NAME: ClassVar[str] = "redis-keys"
    LAYER: ClassVar[int] = 6
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation for the keys; where they follow from the ledger, one for the counters."""
        with scene.shop.cache() as client:
            found = keys.fingerprint(client)
            counters = keys.values(client, scene.seed.counters)
        exact = scene.expected_keys()
        if exact is None:
            plain = {name: key for name, key in found.items() if name not in scene.seed.counters}
            expected = _by_ledger(scene, plain)
            yield _counters(scene, counters)
        else:
            plain, expected = found, exact
        differences = key_differences(expected, plain, now_ms=now_ms())
        yield observation(RedisKeys, scene, "keys", expected=len(expected), actual=len(plain), differences=differences)


def _by_ledger(scene: Scene, found: Keys) -> Keys:
    """The seed's keys that are no counters and have not expired, and each customer's cart that is there."""
    now = now_ms()
    expected = {
        name: key
        for name, key in scene.seed.keys.items()
        if name not in scene.seed.counters and (key.expires_ms < 0 or key.expires_ms > now or name in found)
    }
    sessions = {o.id for o in scene.writes.operations() if o.op == "session" and o.possible}
    for name in found:
        kind, _, operation_id = name.partition(":")
        if kind == "session" and operation_id in sessions:
            expected[name] = found[name]
    for operation in scene.operations("cart").values():
        name = f"cart:{operation.id}"
        if name in found and operation.possible:
            value = keys.digest("string", canonical(operation.value))
            # The shop sets the expiry, so the ledger knows only that there must be one.
            expires = found[name].expires_ms if found[name].expires_ms > 0 else 0
            expected[name] = KeyFingerprint(type="string", digest=value, expires_ms=expires)
    return expected


def _counters(scene: Scene, values: dict[str, Any]) -> Observation:
    """Each view counter lies between its seed and what customers may have added."""
    sure: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for operation in scene.reads.operations():
        name = f"views:product:{operation.value['product_id']}"
        # An attempt without an answer may have counted, and so may each of its repetitions.
        tries = len(operation.failed_attempts) + 1
        sure[name] += operation.acknowledged and "cache" not in scene.restored
        possible[name] += tries
    differences = []
    for name, seeded in sorted(scene.seed.counters.items()):
        low, high = seeded + sure[name], seeded + possible[name]
        value = values.get(name)
        if value is None:
            differences.append(f"missing: {name}")
        elif not low <= int(value) <= high:
            differences.append(f"out of bounds: {name} is {int(value)}, must be from {low} to {high}")
    expected = len(scene.seed.counters)
    return observation(
        RedisKeys,
        scene,
        "counters",
        expected=expected,
        actual=expected - len(differences),
        differences=differences,
    )


EXTENSION = RedisKeys
