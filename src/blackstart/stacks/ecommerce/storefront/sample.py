"""`python3 -m storefront.sample`: schema and a few rows, for people who run the shop by hand."""

import sys
from pathlib import Path

import psycopg

from .database import connect
from .errors import describe
from .settings import DatabaseSettings, SettingsError

SCHEMA_DIR = Path(__file__).resolve().parent.parent / "schema"


def main() -> int:
    """Exit 0 if the shop has its tables afterwards, having made them or found them; 1 if not, 2 if unset."""
    try:
        settings = DatabaseSettings.from_environment()
    except SettingsError as error:
        print(f"storefront: {error}", file=sys.stderr)
        return 2
    try:
        with connect(settings) as connection, connection.transaction():
            row = connection.execute("SELECT to_regclass('public.orders') IS NULL").fetchone()
            if row != (True,):
                print("The schema is there already; nothing was changed.")
                return 0
            for name in ("tables.sql", "sample.sql", "constraints.sql"):
                connection.execute((SCHEMA_DIR / name).read_bytes())
    except (psycopg.Error, OSError) as error:
        print(f"storefront: {describe(error)}", file=sys.stderr)
        return 1
    print("Made the schema and the sample products.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
