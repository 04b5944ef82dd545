"""A ledger file read back is the ledger that was written, whole or cut short."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from tests.core.builders import HandClock, operation

from blackstart.clock import Clock
from blackstart.ledger import Ledger, Operation, acknowledged, as_of, parse


def written(path: Path) -> Ledger:
    """A ledger with every outcome, repeated attempts, and an operation without an answer."""
    clock = HandClock(1.0)
    ledger = Ledger(path, clock)
    made = [ledger.invoke(n % 2, store, "order", {"n": n}) for n, store in enumerate(("database", "cache", "uploads"))]
    for t, outcome in ((1.3, "refused"), (1.7000004, "http 503"), (2.1, "timeout")):
        clock.t = t
        ledger.attempt(made[0], outcome)
    for t, operation_, outcome in ((2.5, made[1], "fail"), (3.1234567, made[0], "ok"), (4.0, made[2], "info")):
        clock.t = t
        ledger.complete(operation_, outcome, {"t": t})  # type: ignore[arg-type]
    ledger.invoke(0, "database", "order", {"name": "Žofie \u2028 \n"})
    ledger.close()
    return ledger


def read(path: Path) -> tuple[Operation, ...]:
    """The operations in a file."""
    with path.open(encoding="utf-8") as lines:
        return parse(lines)


def test_round_trip(tmp_path: Path) -> None:
    """What the file says equals what the ledger had in memory, to the last digit."""
    ledger = written(tmp_path / "ledger.jsonl")

    assert ledger.operations() == read(tmp_path / "ledger.jsonl")
    assert ["ok", "fail", "info", None] == [o.outcome for o in ledger.operations()]
    assert (1.3, 1.7, 2.1) == ledger.operations()[0].failed_attempts
    assert (3.123457, {"t": 3.1234567}) == (ledger.operations()[0].completed_s, ledger.operations()[0].result)
    assert [(0, 1), (1, 1), (0, 2), (0, 3)] == [(o.client, o.seq) for o in ledger.operations()]


def test_lines_are_the_contracts(tmp_path: Path) -> None:
    """Numbered lines: an invocation with its client and value, attempts, one outcome with its result."""
    written(tmp_path / "ledger.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]

    assert list(range(1, len(lines) + 1)) == [line["n"] for line in lines]
    assert {"n", "id", "client", "seq", "store", "op", "type", "t", "at", "value"} == lines[0].keys()
    assert {"n", "id", "type", "t", "outcome"} == lines[3].keys()
    assert {"n", "id", "type", "t", "at", "result"} == lines[6].keys()
    assert "2026-01-02T03:04:06.000Z" == lines[0]["at"]


def test_any_prefix_can_be_read(tmp_path: Path) -> None:
    """A ledger whose writer was killed loses at most the line that was being written."""
    path = tmp_path / "ledger.jsonl"
    written(path)
    text = path.read_text()

    for length in range(len(text)):
        whole = text[:length].count("\n")

        assert parse(text.splitlines(keepends=True)[:whole]) == parse(text[:length].splitlines(keepends=True))


def test_an_operation_without_an_answer_may_have_happened(tmp_path: Path) -> None:
    """Only `fail` says that it did not; only `ok` that it did."""
    states = {outcome: operation("o", 1, 2, outcome) for outcome in ("ok", "fail", "info")} | {"-": operation("o", 1)}

    assert {"ok": True, "fail": False, "info": True, "-": True} == {n: o.possible for n, o in states.items()}
    assert ["ok"] == [name for name, o in states.items() if o.acknowledged]


def test_acknowledged_by_time_and_store() -> None:
    """By the time of acknowledgement, not of invocation; one store's or all."""
    made = [
        operation("a", 1, 9),
        operation("b", 2, 3, store="cache"),
        operation("c", 3, 4, "info"),
        operation("d", 4, 5),
    ]

    assert ["b", "d", "a"] == [o.id for o in acknowledged(made)]
    assert ["d", "a"] == [o.id for o in acknowledged(made, "database")]


def test_many_writers(tmp_path: Path) -> None:
    """Customers write at the same time: no line is torn, and each customer's sequence has no gap."""
    ledger = Ledger(tmp_path / "ledger.jsonl", Clock())

    def customer(client: int) -> None:
        for _ in range(50):
            ledger.complete(ledger.invoke(client, "database", "order", {}), "ok", {})

    threads = [threading.Thread(target=customer, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()

    found = read(tmp_path / "ledger.jsonl")
    assert ledger.operations() == found
    assert dict.fromkeys(range(8), 50) == Counter(o.client for o in found)
    assert {(client, seq) for client in range(8) for seq in range(1, 51)} == {(o.client, o.seq) for o in found}


@pytest.mark.parametrize(
    ("t", "outcome", "failed"),
    [
        pytest.param(0.5, None, (), id="before-it-began"),
        pytest.param(1, None, (), id="just-begun"),
        pytest.param(2.5, None, (2,), id="after-an-attempt"),
        pytest.param(4, "ok", (2, 3), id="answered-in-this-moment"),
        pytest.param(9, "ok", (2, 3), id="long-since"),
    ],
)
def test_what_the_ledger_had_said_by_a_moment(t: float, outcome: str | None, failed: tuple[float, ...]) -> None:
    """What came later is not known: neither operations, nor attempts, nor outcomes."""
    found = as_of([operation("a", 1, 4, failed=[2, 3])], t)

    assert [] == list(found) if t < 1 else (outcome, failed) == (found[0].outcome, found[0].failed_attempts)
    assert all((o.completed_s is None) == (o.outcome is None) for o in found)
