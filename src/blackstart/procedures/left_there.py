"""What a runbook was restored onto: tables, files and keys that were there before its steps and still are.

Blackstart does not clear the place for somebody else's procedure, and so cannot say when it is empty.
It tells by identity instead: what was dropped and made again, or written anew, is another one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import psycopg
import redis

from blackstart.engines.base import RunsOnVolumes
from blackstart.errors import NotRecovered
from blackstart.shop import Shop
from blackstart.stack import Role
from blackstart.waiting import poll

ANSWERS_WITHIN_S = 30.0
MARKER = b"blackstart:was-here-before-the-restore"
_NOTED_KEYS = 1_000

# A table that is emptied by TRUNCATE and filled again keeps its oid and gets another file.
_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), (SELECT system_identifier FROM pg_control_system())::text,
       (SELECT oid FROM pg_database WHERE datname = current_database())::text, c.oid::text,
       pg_relation_filenode(c.oid)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"""

_FILES = """
import json, os, sys
found = {}
for folder, folders, names in os.walk(sys.argv[1]):
    folders[:] = [name for name in folders if not name.startswith(".")]
    for name in names:
        if not name.startswith("."):
            path = os.path.join(folder, name)
            seen = os.lstat(path)
            found[os.path.relpath(path, sys.argv[1])] = f"{seen.st_dev}:{seen.st_ino}:{seen.st_ctime_ns}"
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Names to identities of what was there before."""

    things: dict[str, str]


def noted(shop: Shop, role: Role) -> Noted:
    """What is there now, before the first step; in the cache a marker is left beside it."""
    if role == "database":
        return Noted(things=_tables(shop))
    if role == "uploads":
        return Noted(things=_files(shop))
    try:
        with shop.cache() as client:
            names = sorted(name.decode(errors="backslashreplace") for name in client.scan_iter(count=_NOTED_KEYS))
            if names:
                client.set(MARKER, b"1")
    except redis.ConnectionError:
        return Noted(things={})  # nobody serves: what its files hold shows once somebody does
    return Noted(things=dict.fromkeys(names[:_NOTED_KEYS], ""))


def still_there(shop: Shop, role: Role, before: Noted) -> list[str]:
    """Names of what was there before the steps and is the same one now; NotRecovered if the store does not answer."""
    if not before.things:
        return []
    if role == "uploads":
        now = _files(shop)
        return sorted(name for name, identity in before.things.items() if now.get(name) == identity)
    answer = poll(lambda: _answer(shop, role, before), within_s=ANSWERS_WITHIN_S)
    if answer is None:
        raise NotRecovered(f"{role} does not answer after the last step of its runbook")
    return answer[0]


def _answer(shop: Shop, role: Role, before: Noted) -> tuple[list[str]] | None:
    """None while the store does not answer."""
    try:
        if role == "database":
            now = _tables(shop)
            return (sorted(name for name, identity in before.things.items() if now.get(name) == identity),)
        with shop.cache() as client:
            kept = bool(client.delete(MARKER))
            return ([name for name in before.things if client.exists(name)] if kept else [],)
    except (psycopg.OperationalError, redis.RedisError):
        return None


def _tables(shop: Shop) -> dict[str, str]:
    with shop.database() as connection:
        return {row[0]: "/".join(map(str, row[1:])) for row in connection.execute(_TABLES).fetchall()}


def _files(shop: Shop) -> dict[str, str]:
    engine = shop.engine
    assert isinstance(engine, RunsOnVolumes)
    found: dict[str, str] = json.loads(engine.on_volume(shop.volume("uploads"), _FILES))
    return found
