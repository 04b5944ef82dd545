"""`python3 -m storefront`: serve on LISTEN until SIGTERM."""

import os
import signal
import sys

from .settings import Settings, SettingsError


def main() -> int:
    """Exit 0 after SIGTERM or SIGINT, 2 if the environment is incomplete."""
    # A container's first process does not die of an unhandled SIGTERM, not even while importing.
    # While serving, uvicorn's handler comes first and raises the signal again once it is done:
    # threads that still wait for a hanging store then end with the process.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        print(f"storefront: {error}", file=sys.stderr)
        return 2

    import uvicorn

    from .app import build
    from .migration import migrate_at_boot

    if settings.migrate_at_boot:
        migrate_at_boot(settings.database)
    uvicorn.run(
        build(settings),
        host=settings.listen.host,
        port=settings.listen.port,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        # Longer than clients keep idle connections: they must not send on one that we just closed.
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
