"""What a store holds just before a backup of it begins that holds no fingerprint of its own moment."""

from __future__ import annotations

from typing import Any

import psycopg
import redis

from blackstart.observe import database, files, keys
from blackstart.procedures.base import BackupFailed
from blackstart.shop import Shop
from blackstart.stack import Role


def fingerprint(shop: Shop, role: Role, by: str) -> dict[str, Any]:
    """The field of the manifest that describes the store; BackupFailed, told of the procedure `by`, if it cannot."""
    try:
        if role == "database":
            with shop.database(autocommit=False) as connection:
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return {"database": database.fingerprint(connection)}
        if role == "uploads":
            return {"files": files.of_volume(shop.engine, shop.volume(role))}
        with shop.cache() as client:
            return {"keys": dict(keys.fingerprint(client))}
    except (psycopg.Error, redis.RedisError) as error:
        raise BackupFailed(f"{by}: {str(error).strip().splitlines()[0]}") from error
