"""`redis-keys`: every key is there with its type, value and absolute expiry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from blackstart.checkers import counter
from blackstart.checkers.counter import Increment
from blackstart.checks.base import Scene, canonical, now_ms, observation
from blackstart.differences import is_over, key_differences
from blackstart.evidence import KeyFingerprint, Keys, Observation, Stage
from blackstart.ledger import Operation
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
            began_s = scene.reads.now()
            counters = keys.values(client, scene.seed.counters)
            elsewhere = keys.elsewhere(client)
        exact = scene.expected_keys()
        if exact is None:
            plain = {name: key for name, key in found.items() if name not in scene.seed.counters}
            expected = _by_ledger(scene, plain)
            yield _counters(scene, counters, began_s)
        else:
            plain, expected = found, exact
        now = now_ms()
        differences = key_differences(expected, plain, now_ms=now)
        # The shop's keys are in database 0, and so are the manifest's: what is elsewhere came from elsewhere.
        differences += [f"unexplained: {number} keys in {name}" for name, number in sorted(elsewhere.items())]
        due = [name for name, key in expected.items() if name in plain or not is_over(key, now)]
        yield observation(RedisKeys, scene, "keys", expected=len(due), actual=len(plain), differences=differences)


def _by_ledger(scene: Scene, found: Keys) -> Keys:
    """The seed's keys that are no counters and have not expired, and each customer's cart that is there."""
    now = now_ms()
    expected = {
        name: key
        for name, key in scene.seed.keys.items()
        if name not in scene.seed.counters and (name in found or not is_over(key, now))
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


def _counters(scene: Scene, values: Mapping[str, Any], began_s: float) -> Observation:
    """Each view counter lies between its seed and what customers may have added."""
    views: defaultdict[str, list[Increment]] = defaultdict(list)
    for operation in scene.reads.operations():
        made = counter.increment(operation, 1, once=False, kept=_is_kept(scene, operation))
        views[f"views:product:{operation.value['product_id']}"].append(made)
    differences = []
    for name, seeded in sorted(scene.seed.counters.items()):
        value = values.get(name)
        if value is None:
            differences.append(f"missing: {name}")
            continue
        read = counter.Read(began_s=began_s, ended_s=scene.reads.now(), value=int(value))
        differences += [f"out of bounds: {name} is {out}" for out in counter.outside(seeded, views[name], [read])]
    expected = len(scene.seed.counters)
    return observation(
        RedisKeys,
        scene,
        "counters",
        expected=expected,
        actual=expected - len(differences),
        differences=differences,
    )


def _is_kept(scene: Scene, operation: Operation) -> bool:
    """Whether no restore of the cache can have undone what an acknowledged look counted."""
    backup, behind = scene.restored.get("cache"), scene.readings.get("verify")
    done = operation.completed_s or 0.0
    return backup is None or done < backup.manifest.snapshot_s or (behind is not None and done > behind.began_s)


EXTENSION = RedisKeys
