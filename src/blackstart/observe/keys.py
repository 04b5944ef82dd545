"""Fingerprints of Redis keys: type, canonical value, absolute expiry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import redis
from blake3 import blake3

from blackstart.evidence import KeyFingerprint

_BATCH = 500


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


def digest(kind: str, value: Any) -> str:
    """BLAKE3 of a value in a form that does not depend on Redis's encodings or orders."""
    return blake3(kind.encode() + b"\0" + json.dumps(_canonical(kind, value)).encode()).hexdigest()


def _canonical(kind: str, value: Any) -> Any:
    match kind:
        case "hash":
            return sorted((_text(k), _text(v)) for k, v in value.items())
        case "set":
            return sorted(_text(member) for member in value)
        case "zset":
            return sorted((_text(member), repr(float(score))) for member, score in value)
        case "list":
            return [_text(item) for item in value]
        case "stream":
            return [[_text(entry), sorted((_text(k), _text(v)) for k, v in fields.items())] for entry, fields in value]
        case _:
            return _text(value)


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
        found = pipe.execute()
    rows: Mapping[bytes, tuple[str, int, Any]] = {
        name: (kind, expires, value)
        for name, kind, expires, value in zip(names, kinds, answers[1::2], found, strict=True)
        if kind != "none" and expires != -2
    }
    return {
        name.decode(errors="backslashreplace"): KeyFingerprint(
            type=kind, digest=digest(kind, value), expires_ms=expires
        )
        for name, (kind, expires, value) in rows.items()
        if value is not None
    }


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
            pipe.exists(name)
