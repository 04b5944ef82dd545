"""The ledger: every write that a customer attempted, and what the shop answered.

One operation is one `invoke`, any number of `attempt`s and at most one of `ok | fail | info`:
ok, the shop acknowledged it; fail, it provably did not happen; info, it may have happened.
(Terms and the three outcomes are those of Jepsen's histories.)
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from blackstart.clock import Clock

Outcome = Literal["ok", "fail", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of one customer; times are seconds since the run began."""

    id: str
    client: int
    seq: int
    store: str
    op: str
    invoked_s: float
    value: Mapping[str, Any]
    outcome: Outcome | None = None
    """None: no answer was ever written down, which counts as info."""
    completed_s: float | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    failed_attempts: tuple[float, ...] = ()

    @property
    def acknowledged(self) -> bool:
        """The shop said that the operation is done."""
        return self.outcome == "ok"

    @property
    def possible(self) -> bool:
        """The operation's effect may be there."""
        return self.outcome != "fail"


class Ledger:
    """Appends operations to a ledger file as they happen, and tells what it has so far."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._file = path.open("x", encoding="utf-8")
        self._clock = clock
        self._mutex = threading.Lock()
        self._count = 0
        self._seq: dict[int, int] = {}
        self._operations: dict[str, Operation] = {}

    def invoke(self, client: int, store: str, op: str, value: Mapping[str, Any]) -> Operation:
        """Write down that an operation begins; its id is the shop's idempotency key."""
        with self._mutex:
            seq = self._seq[client] = self._seq.get(client, 0) + 1
            t = self.now()
            made = Operation(id=str(uuid.uuid4()), client=client, seq=seq, store=store, op=op, invoked_s=t, value=value)
            self._operations[made.id] = made
            line = {"client": client, "seq": seq, "store": store, "op": op, "type": "invoke"}
            self._write(made.id, {**line, "t": t, "at": self._clock.at(t), "value": value})
        return made

    def attempt(self, operation: Operation, outcome: str) -> None:
        """Write down an attempt that did not succeed: refused, reset, timeout or `http NNN`."""
        with self._mutex:
            t = self.now()
            known = self._operations[operation.id]
            self._operations[operation.id] = replace(known, failed_attempts=(*known.failed_attempts, t))
            self._write(operation.id, {"type": "attempt", "t": t, "outcome": outcome})

    def complete(self, operation: Operation, outcome: Outcome, result: Mapping[str, Any]) -> None:
        """Write down the operation's one outcome."""
        with self._mutex:
            t = self.now()
            known = self._operations[operation.id]
            done = replace(known, outcome=outcome, completed_s=t, result=result)
            self._operations[operation.id] = done
            self._write(operation.id, {"type": outcome, "t": t, "at": self._clock.at(t), "result": result})

    def operations(self) -> tuple[Operation, ...]:
        """All operations so far, by the order of their invocation."""
        with self._mutex:
            return tuple(self._operations.values())

    def close(self) -> None:
        """No more operations."""
        self._file.close()

    def now(self) -> float:
        """Seconds since the run began, rounded as they are written: a ledger read back equals the one in memory."""
        return round(self._clock.now(), 6)

    def _write(self, operation_id: str, line: Mapping[str, Any]) -> None:
        self._count += 1
        self._file.write(json.dumps({"n": self._count, "id": operation_id, **line}) + "\n")
        self._file.flush()


def parse(lines: Iterable[str]) -> tuple[Operation, ...]:
    """The operations of a ledger file, by the order of their invocation; a torn last line is none."""
    operations: dict[str, Operation] = {}
    for text in lines:
        if not text.endswith("\n"):
            break
        line = json.loads(text)
        match line["type"]:
            case "invoke":
                fields = {name: line[name] for name in ("id", "client", "seq", "store", "op", "value")}
                operations[line["id"]] = Operation(invoked_s=line["t"], **fields)
            case "attempt":
                known = operations[line["id"]]
                operations[line["id"]] = replace(known, failed_attempts=(*known.failed_attempts, line["t"]))
            case outcome:
                operations[line["id"]] = replace(
                    operations[line["id"]], outcome=outcome, completed_s=line["t"], result=line["result"]
                )
    return tuple(operations.values())


def acknowledged(operations: Sequence[Operation], store: str | None = None) -> list[Operation]:
    """The acknowledged operations, of one store or of all, by the time of acknowledgement."""
    return sorted(
        (o for o in operations if o.acknowledged and store in (None, o.store)),
        key=lambda o: o.completed_s or 0.0,
    )


def as_of(operations: Sequence[Operation], t: float) -> tuple[Operation, ...]:
    """What the ledger had said by `t`: a look at the shop knew nothing of what came later."""
    return tuple(_as_of(o, t) for o in operations if o.invoked_s <= t)


def _as_of(operation: Operation, t: float) -> Operation:
    if (operation.completed_s or 0.0) <= t and all(failed <= t for failed in operation.failed_attempts):
        return operation
    failed = tuple(moment for moment in operation.failed_attempts if moment <= t)
    if (operation.completed_s or 0.0) <= t:
        return replace(operation, failed_attempts=failed)
    return replace(operation, failed_attempts=failed, outcome=None, completed_s=None, result={})
