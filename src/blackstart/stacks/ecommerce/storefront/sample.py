"""`python3 -m storefront.sample`: schema and a few rows, for people who run the shop by hand."""

import sys

import psycopg

from .errors import describe
from .migration import migrate
from .settings import DatabaseSettings, SettingsError


def main() -> int:
    """Exit 0 if the shop has its tables afterwards, having made them or found them; 1 if not, 2 if unset."""
    try:
        settings = DatabaseSettings.from_environment()
    except SettingsError as error:
        print(f"storefront: {error}", file=sys.stderr)
        return 2
    try:
        made = migrate(settings)
    except (psycopg.Error, OSError) as error:
        print(f"storefront: {describe(error)}", file=sys.stderr)
        return 1
    print("Made the schema and the sample products." if made else "The schema is there already; nothing was changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
