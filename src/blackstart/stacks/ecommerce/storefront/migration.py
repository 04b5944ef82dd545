"""Makes the shop's tables and a few sample rows where there are none."""

import time
from pathlib import Path

import psycopg

from .database import connect
from .errors import describe
from .settings import DatabaseSettings

SCHEMA_DIR = Path(__file__).resolve().parent.parent / "schema"
RETRY_S = 0.2


def migrate(settings: DatabaseSettings) -> bool:
    """Make them in one transaction; False if they were there. Raises psycopg.Error and OSError."""
    with connect(settings) as connection, connection.transaction():
        row = connection.execute("SELECT to_regclass('public.orders') IS NULL").fetchone()
        if row != (True,):
            return False
        for name in ("tables.sql", "sample.sql", "constraints.sql"):
            connection.execute((SCHEMA_DIR / name).read_bytes())
        return True


def migrate_at_boot(settings: DatabaseSettings) -> None:
    """The same, again and again until the database answers: a service that starts has to wait for it."""
    while True:
        try:
            made = migrate(settings)
        except (psycopg.Error, OSError) as error:
            print(f"storefront: the tables cannot be looked at yet: {describe(error)}", flush=True)
            time.sleep(RETRY_S)
        else:
            print(f"storefront: the tables {'are made' if made else 'are there'}", flush=True)
            return
