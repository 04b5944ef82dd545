"""Exit 0 if and only if this container's own storefront answers GET /healthz with 200."""

import os
import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from .settings import SettingsError, address

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - translated away, never bound


def main() -> int:
    """One request, without any proxy, answered within 2 s or not at all."""
    try:
        listen = address(os.environ, "LISTEN")
        host = WILDCARDS.get(listen.host, listen.host)
        with closing(HTTPConnection(host, listen.port, timeout=2)) as connection:
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            report = response.read().decode(errors="replace")
    except (OSError, HTTPException, SettingsError) as error:
        print(f"{type(error).__name__}: {error}")
        return 1
    print(report)
    return 0 if response.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
