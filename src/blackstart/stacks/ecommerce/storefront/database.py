"""One PostgreSQL connection per thread, and transactions that end in time, known or as a 503."""

import contextlib
import os
import select
import socket
import threading
from collections.abc import Iterator

import psycopg
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from .errors import Refused, Unavailable
from .settings import DatabaseSettings

# A customer's client waits 2 s, and is told before. The server's own limit is for statements of a
# storefront that is gone; it covers neither a frozen server nor the wait for a standby in COMMIT.
TRANSACTION_LIMIT_S = 1.4
CANCEL_LIMIT_S = 0.2
STATEMENT_TIMEOUT_MS = 1500
# Locks held by a frozen storefront are the other customers' trouble: the server lets go of them.
IDLE_TIMEOUT_MS = 5000

Transaction = psycopg.Connection[TupleRow]


def connect(settings: DatabaseSettings, options: str = "") -> Transaction:
    """A new connection in autocommit mode. Raises psycopg.OperationalError."""
    return psycopg.connect(
        host=settings.address.host,
        port=settings.address.port,
        user=settings.user,
        dbname=settings.name,
        password=settings.password,
        options=options,
        connect_timeout=2,
        application_name="storefront",
        client_encoding="UTF8",
        gssencmode="disable",
        autocommit=True,
        # Plans prepared before a restore would not fit the restored tables.
        prepare_threshold=None,
    )


class Database:
    """A thread's way to PostgreSQL. Connections are made when needed and dropped after any failure."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self._own = threading.local()

    @contextlib.contextmanager
    def transaction(self, *expected: type[psycopg.IntegrityError]) -> Iterator[Transaction]:
        """BEGIN, the block, COMMIT. Leaving the block without an exception means: durably committed.

        Refused and the expected violations roll back and pass through. Every other error becomes
        Unavailable and costs the thread its connection. Nothing is tried twice.
        """
        passing: tuple[type[Exception], ...] = (Refused, *expected)
        connection = self._connection()
        watch = _Watch(connection)
        try:
            with watch:
                connection.execute("BEGIN")
                try:
                    yield connection
                except passing:
                    connection.execute("ROLLBACK")
                    raise
                _commit(connection)
        except passing:
            raise
        except psycopg.Error as error:
            self.discard()
            cause = f"TimeoutError: not done after {TRANSACTION_LIMIT_S} s" if watch.fired else error
            raise Unavailable("database", cause) from error
        except BaseException:
            self.discard()
            raise
        finally:
            if watch.fired:
                self.discard()

    def discard(self) -> None:
        """Close this thread's connection; the next transaction makes a new one."""
        connection: Transaction | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> Transaction:
        connection: Transaction | None = getattr(self._own, "connection", None)
        if connection is None or connection.closed or _has_news(connection):
            self.discard()
            limits = (
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"
            )
            try:
                connection = self._own.connection = connect(self._settings, limits)
            except psycopg.Error as error:
                raise Unavailable("database", error) from error
        return connection


def _has_news(connection: Transaction) -> bool:
    """Whether an idle connection has something to read: the server said goodbye, or is gone.

    Seen before a byte is sent, this is no failure yet: a new connection serves the request.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _commit(connection: Transaction) -> None:
    """COMMIT. Unavailable if the server warns, or rolled back instead.

    A server that stops waiting for its standby commits, warns, and reports success: on the
    standby the transaction may be missing, so it must not be acknowledged.
    """
    warnings: list[str] = []

    def note(diagnostic: Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            warnings.append(diagnostic.message_primary or "warning")

    connection.add_notice_handler(note)
    try:
        status = connection.execute("COMMIT").statusmessage
    finally:
        connection.remove_notice_handler(note)
    if warnings or status != "COMMIT":
        raise Unavailable("database", warnings[0] if warnings else f"COMMIT was answered by {status}")


class _Watch:
    """Ends a transaction that lasts longer than TRANSACTION_LIMIT_S: by asking, then by hanging up.

    Asking comes first because a server that waits in COMMIT does not notice a closed connection.
    A connection whose watch has fired is not used again: the request may be late.
    """

    def __init__(self, connection: Transaction) -> None:
        self.fired = False
        self._connection = connection
        self._done = threading.Event()
        self._timer = threading.Timer(TRANSACTION_LIMIT_S, self._interrupt)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._timer.cancel()
        self._timer.join()

    def _interrupt(self) -> None:
        if self._done.is_set():
            return
        self.fired = True
        # In its own thread: where the network is cut, psycopg 3.2 asks for 40 s whatever its timeout.
        asking = threading.Thread(target=self._ask, daemon=True)
        asking.start()
        if not self._done.wait(CANCEL_LIMIT_S):
            self._hang_up()
        # Time enough to have read the connection, which may be closed after this.
        asking.join(CANCEL_LIMIT_S / 2)

    def _ask(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=CANCEL_LIMIT_S)

    def _hang_up(self) -> None:
        """Whoever waits for the connection reads its end at once."""
        with (
            contextlib.suppress(OSError, psycopg.Error),
            socket.socket(fileno=os.dup(self._connection.fileno())) as ours,
        ):
            ours.shutdown(socket.SHUT_RDWR)
