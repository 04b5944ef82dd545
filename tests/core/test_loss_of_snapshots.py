"""Healthy snapshots of a busy shop raise no alarm, and one missing row does."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

from tests.core.builders import operation

from blackstart import loss
from blackstart.ledger import Operation, acknowledged

CLIENTS, PER_CLIENT, SNAPSHOTS = 16, 60, 100


@dataclass(frozen=True)
class Written:
    """An operation, and the moment of its commit, which no client sees."""

    operation: Operation
    committed: float


def history(dice: random.Random) -> list[Written]:
    """Sixteen clients, each writing one after the other; each commits somewhere before its answer."""
    written = []
    for client in range(CLIENTS):
        now = dice.random()
        for number in range(PER_CLIENT):
            invoked = now + dice.expovariate(20)
            completed = invoked + dice.expovariate(10)
            committed = dice.uniform(invoked, completed)
            done = operation(f"c{client}-{number}", invoked, completed, client=client)
            written.append(Written(done, committed))
            now = completed
    return sorted(written, key=lambda w: w.committed)


def assess(written: list[Written], survivors: set[str]) -> loss.Loss:
    """The loss of a whole history, without a fence."""
    inf = float("inf")
    return loss.assess([w.operation for w in written], survivors, store="database", began_s=0.0, lifted_s=inf, t0_s=inf)


def test_a_hundred_healthy_snapshots_have_no_hole() -> None:
    """Whatever is committed by a moment survives: out of acknowledgement order, but never with a hole."""
    dice = random.Random(7)
    written = history(dice)
    out_of_order = 0

    for _ in range(SNAPSHOTS):
        moment = dice.choice(written).committed
        survivors = {w.operation.id for w in written if w.committed <= moment}
        found = assess(written, survivors)

        assert () == found.holes
        assert () == found.unexpected
        assert len(written) - len(survivors) == len(found.lost)
        there = [w.operation.id in survivors for w in sorted(written, key=lambda w: w.operation.completed_s or 0)]
        out_of_order += any(later and not earlier for earlier, later in pairwise(there))

    assert out_of_order > SNAPSHOTS // 2, "a history in which a naive rule raises no false alarm tests nothing"


def test_a_missing_row_is_a_hole() -> None:
    """A write that a survivor's client could already know of, dropped from the snapshot, is found each time."""
    dice = random.Random(8)
    written = history(dice)
    tried = 0

    for _ in range(SNAPSHOTS):
        moment = dice.choice(written[len(written) // 4 :]).committed
        inside = [w.operation for w in written if w.committed <= moment]
        latest = max(o.invoked_s for o in inside)
        before = [o for o in inside if (o.completed_s or 0) < latest]
        if before:
            dropped = dice.choice(before)
            tried += 1

            assert (dropped.id,) == assess(written, {o.id for o in inside} - {dropped.id}).holes

    assert tried > SNAPSHOTS // 2


def test_the_recovery_point_never_claims_too_much() -> None:
    """Every write acknowledged by R survives, and RPO reaches back from the last acknowledgement to R."""
    dice = random.Random(9)
    written = history(dice)
    acked = acknowledged([w.operation for w in written])
    last = acked[-1].completed_s or 0.0

    for _ in range(SNAPSHOTS):
        moment = dice.choice(written[:-1]).committed
        survivors = {w.operation.id for w in written if w.committed <= moment}
        recovery_point = last - assess(written, survivors).rpo_s

        by_then = [o for o in acked if (o.completed_s or 0) <= recovery_point + 1e-9]
        assert all(o.id in survivors for o in by_then)
        assert acked[len(by_then)].id not in survivors
