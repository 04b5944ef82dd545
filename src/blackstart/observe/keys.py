"""Fingerprints of Redis keys: type, canonical value, absolute expiry (`PEXPIRETIME`, so Redis 7 or newer)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import redis
from blake3 import blake3

from blackstart.evidence import KeyFingerprint

_BATCH = 500
_DUMP_FOOTER_BYTES = 10


def fingerprint(client: redis.Redis, *, match: str = "*") -> dict[str, KeyFingerprint]:
    """Every key that matches."""
    found: dict[str, KeyFingerprint] = {}
    batch: list[bytes] = []
    for name in client.scan_iter(match=match, count=_BATCH):
        batch.append(name)
        if len(batch) == _BATCH:
            found |= _fingerprints(client, batch)
            batch = []
    return found | _fingerprints(client, batch)


def values(client: redis.Redis, names: Iterable[str]) -> dict[str, Any]:
    """The strings stored under some keys, as bytes; None for a key that is not there."""
    wanted = list(names)
    return dict(zip(wanted, client.mget(wanted), strict=True)) if wanted else {}


def elsewhere(client: redis.Redis) -> dict[str, int]:
    """Logical databases other than the shop's that hold keys, and how many."""
    return {name: int(held["keys"]) for name, held in dict(client.info("keyspace")).items() if name != "db0"}


def digest(kind: str, value: Any) -> str:
    """BLAKE3 of a value in a form that does not depend on Redis's encodings or orders."""
    return blake3(kind.encode() + b"\0" + json.dumps(_canonical(kind, value)).encode()).hexdigest()


def _canonical(kind: str, value: Any) -> Any:
    match kind:
        case "string":
            return _text(value)
        case "hash":
            return sorted((_text(k), _text(v)) for k, v in value.items())
        case "set":
            return sorted(_text(member) for member in value)
        case "zset":
            return sorted((_text(member), repr(float(score))) for member, score in value)
        case "list":
            return [_text(item) for item in value]
        case "stream":
            entries, groups = value
            rows = [
                [_text(entry), [_text(part) for pair in fields.items() for part in pair]] for entry, fields in entries
            ]
            return [rows, groups]
        case _:  # a module's: its serialized form, without the version and the checksum behind it
            return _text(value[:-_DUMP_FOOTER_BYTES])


def _text(value: Any) -> str:
    return bytes(value).hex()


def _fingerprints(client: redis.Redis, names: list[bytes]) -> dict[str, KeyFingerprint]:
    """Three round trips for a batch; a key that expired between them is left out."""
    if not names:
        return {}
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
            pipe.pexpiretime(name)  # type: ignore[arg-type]
        answers = pipe.execute()
        kinds = [answer.decode() for answer in answers[::2]]
        for name, kind in zip(names, kinds, strict=True):
            _read(pipe, kind, name)
        values = pipe.execute()
    found = {}
    for name, kind, expires, value in zip(names, kinds, answers[1::2], values, strict=True):
        if kind == "none" or expires == -2 or value is None:
            continue
        content = (value, _groups(client, name)) if kind == "stream" else value
        found[name.decode(errors="backslashreplace")] = KeyFingerprint(
            type=kind, digest=digest(kind, content), expires_ms=expires
        )
    return found


def _groups(client: redis.Redis, name: bytes) -> list[list[str]]:
    """A stream's consumer groups: how far each has read, and how many entries it has not confirmed."""
    groups = client.xinfo_groups(name)
    return sorted([_text(g["name"]), _text(g["last-delivered-id"]), str(g["pending"])] for g in groups)


def _read(pipe: Any, kind: str, name: bytes) -> None:
    match kind:
        case "hash":
            pipe.hgetall(name)
        case "set":
            pipe.smembers(name)
        case "zset":
            pipe.zrange(name, 0, -1, withscores=True)
        case "list":
            pipe.lrange(name, 0, -1)
        case "stream":
            pipe.xrange(name)
        case "string":
            pipe.get(name)
        case _:
            pipe.dump(name)
