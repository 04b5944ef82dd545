"""The two ways in which the shop says no.

Exception
├── Refused       the caller's doing, 4xx: nothing was changed
└── Unavailable   a store's doing, 503: the change may or may not have happened
"""


class Refused(Exception):
    """The request cannot be served as it is. `status` is 4xx; nothing was changed."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Unavailable(Exception):
    """A store failed or did not answer in time, so the outcome is unknown to the caller."""

    def __init__(self, store: str, cause: BaseException | str) -> None:
        self.reason = cause if isinstance(cause, str) else describe(cause)
        super().__init__(f"{store}: {self.reason}")


def describe(error: BaseException) -> str:
    """The error's class and the first line of its message, short enough for an answer.

    The clients' messages name hosts, ports and users, never a password.
    """
    first_line = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first_line}"[:200]
