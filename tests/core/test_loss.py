"""What was lost is what the definitions say, however operations overlap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.builders import operation

from blackstart import loss
from blackstart.ledger import Operation, Outcome

INF = float("inf")
BEGAN = -1.0


def assess(
    operations: Sequence[Operation],
    survivors: Collection[str],
    *,
    lifted_s: float = INF,
    t0_s: float = INF,
    **more: Any,
) -> loss.Loss:
    """The database's loss."""
    return loss.assess(operations, survivors, store="database", began_s=BEGAN, lifted_s=lifted_s, t0_s=t0_s, **more)


def done(o: Operation) -> float:
    """When an acknowledged operation was acknowledged."""
    assert o.completed_s is not None
    return o.completed_s


@dataclass(frozen=True)
class History:
    """What happened, and by the definitions, word by word and in quadratic time, what that means."""

    operations: Sequence[Operation]
    survivors: Collection[str]
    rows: Collection[str] | None
    lifted: float
    archived: float

    @property
    def own(self) -> list[Operation]:
        """The store's operations that began before the fence was lifted."""
        return [o for o in self.operations if o.store == "database" and o.invoked_s < self.lifted]

    @property
    def acked(self) -> list[Operation]:
        """Those that the damaged shop acknowledged."""
        return [o for o in self.own if o.outcome == "ok" and done(o) <= self.lifted]

    @property
    def lost(self) -> set[str]:
        """Acknowledged and gone."""
        return {o.id for o in self.acked if o.id not in self.survivors}

    @property
    def holes(self) -> set[str]:
        """Lost A with a survivor B such that A was acknowledged before B was invoked."""
        return {a.id for a in self.acked if a.id in self.lost and any(done(a) < b.invoked_s for b in self.provers(a))}

    def provers(self, lost: Operation) -> list[Operation]:
        """Whose survival proves a hole: for a lost row any row; else the store's own, from before the archive began."""
        if self.rows is not None and lost.id not in self.rows:
            return [b for b in self.operations if b.id in self.rows]
        return [b for b in self.own if b.id in self.survivors and b.invoked_s < self.archived]

    @property
    def recovery_point(self) -> float:
        """The latest acknowledgement such that every write acknowledged by then survives."""
        sound = [t for t in map(done, self.acked) if all(a.id not in self.lost for a in self.acked if done(a) <= t)]
        return max(sound, default=BEGAN)

    @property
    def rpo(self) -> float:
        """From there to the last acknowledgement before the fence."""
        return max(map(done, self.acked)) - self.recovery_point if self.lost else 0.0


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to a dozen overlapping operations on a coarse grid (so that times tie), and what is left of them."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        invoked = draw(st.integers(0, 20))
        completed = draw(st.none() | st.integers(invoked, 25))
        outcome: Outcome = draw(st.sampled_from(("ok", "ok", "ok", "info", "fail")))
        store = draw(st.sampled_from(["database", "database", "cache"]))
        made.append(operation(f"o{number:02}", invoked, completed, outcome, store=store))
    names = [o.id for o in made] + ["stranger"]
    some = st.frozensets(st.sampled_from(names))
    return History(made, draw(some), draw(some | st.none()), *(draw(st.sampled_from([5.0, 12.0, INF])) for _ in "ab"))


@settings(max_examples=200)
@given(histories())
def test_loss_equals_the_definition(seen: History) -> None:
    """Lost writes, holes, recovery point and strangers, against a brute-force oracle."""
    found = assess(
        seen.operations,
        seen.survivors,
        rows=seen.rows,
        lifted_s=seen.lifted,
        artefact_began_s=seen.archived,
        t0_s=8.0,
    )

    explained = {o.id for o in seen.operations if o.store == "database" and o.outcome != "fail"}
    assert len(seen.acked) == found.acknowledged
    assert seen.lost == set(found.lost)
    assert seen.holes == set(found.holes)
    assert seen.rpo == found.rpo_s
    assert sum(done(o) >= 8.0 for o in seen.acked if o.id in seen.lost) == found.lost_after_t0
    doubtful = {o.id for o in seen.own if o.outcome in (None, "info")}
    assert len(doubtful) == found.indeterminate
    assert doubtful & set(seen.survivors) == set(found.recovered)
    assert sorted(set(seen.survivors) - explained) == list(found.unexpected)


@settings(max_examples=100)
@given(histories())
def test_the_order_of_the_ledger_does_not_matter(seen: History) -> None:
    """Only times count; lost writes come by acknowledgement."""
    found = assess(seen.operations, seen.survivors, lifted_s=seen.lifted)

    again = assess(seen.operations[::-1], seen.survivors, lifted_s=seen.lifted)
    assert (set(found.lost), set(found.holes), found.rpo_s) == (set(again.lost), set(again.holes), again.rpo_s)
    times = {o.id: o.completed_s for o in seen.operations}
    assert sorted(times[o] or 0 for o in found.lost) == [times[o] for o in found.lost]


SERIAL = [operation(name, t, t + 1) for name, t in (("a", 1), ("b", 3), ("c", 5), ("d", 7))]
CROSSED = [operation("late", 1, 9), operation("early", 2, 4), operation("next", 5, 6)]
"""`late` was acknowledged last; whether it was committed before `early` nobody can tell."""


@pytest.mark.parametrize(
    ("operations", "survivors", "expected"),
    [
        pytest.param([], "", ((), (), 0.0), id="no-operations"),
        pytest.param(SERIAL, "abcd", ((), (), 0.0), id="nothing-lost"),
        pytest.param(SERIAL, "abc", (("d",), (), 2.0), id="tail-of-one"),
        pytest.param(SERIAL, "a", (("b", "c", "d"), (), 6.0), id="tail-of-three"),
        pytest.param(SERIAL, "", (("a", "b", "c", "d"), (), 9.0), id="all-lost-since-the-seed"),
        pytest.param(SERIAL, "bcd", (("a",), ("a",), 9.0), id="first-lost-is-a-hole-and-back-to-the-seed"),
        pytest.param(SERIAL, "acd", (("b",), ("b",), 6.0), id="hole-in-the-middle"),
        pytest.param(CROSSED, ["late", "next"], (("early",), ("early",), 10.0), id="hole-by-the-next"),
        pytest.param(CROSSED[:2], ["late"], (("early",), (), 10.0), id="concurrent-loss-is-no-hole"),
        pytest.param(CROSSED[:2], ["early"], (("late",), (), 5.0), id="acknowledged-later-lost"),
    ],
)
def test_golden(operations: list[Operation], survivors: Collection[str], expected: tuple[Any, ...]) -> None:
    """Lost writes, holes and the recovery point of histories small enough to see through."""
    found = assess(operations, survivors)

    assert expected == (found.lost, found.holes, found.rpo_s)


def test_a_hole_needs_the_survivor_to_begin_after_the_acknowledgement() -> None:
    """A survivor invoked in the very moment of the acknowledgement proves nothing."""
    lost = operation("lost", 1, 2)

    assert () == assess([lost, operation("same", 2, 3)], ["same"]).holes
    assert ("lost",) == assess([lost, operation("after", 2.001, 3)], ["after"]).holes


def test_any_survivor_proves_a_hole() -> None:
    """One whose outcome nobody knows, or that was acknowledged after the lift, was invoked all the same."""
    lost = operation("lost", 1, 2)

    assert ("lost",) == assess([lost, operation("info", 3, 4, "info")], ["info"]).holes
    assert ("lost",) == assess([lost, operation("unanswered", 3)], ["unanswered"]).holes
    assert ("lost",) == assess([lost, operation("across", 3, 9)], ["across"], lifted_s=5).holes


def test_an_artefact_that_is_no_snapshot() -> None:
    """Of a tar made over a while, only survivors invoked before it began prove a hole."""
    operations = [operation("lost", 1, 2), operation("there", 5, 6)]

    assert ("lost",) == assess(operations, ["there"], artefact_began_s=5.5).holes
    assert () == assess(operations, ["there"], artefact_began_s=5.0).holes
    assert ("lost",) == assess(operations, ["there"]).holes


def test_a_database_is_one_state() -> None:
    """A lost row is a hole if any row, of whatever store, was asked for after it; a lost file is not."""
    operations = [operation("order", 1, 2), operation("upload", 3, 4, store="uploads")]

    assert () == assess(operations, []).holes
    assert ("order",) == assess(operations, [], rows=["upload"]).holes
    assert () == assess(operations, [], rows=["order", "upload"]).holes
    assert () == assess(operations, [], rows=["upload"], lifted_s=1.5).holes


def test_what_nobody_wrote() -> None:
    """Strangers and survivors that provably did not happen are unexpected; what may have happened is not."""
    operations = [operation("failed", 1, 2, "fail"), operation("info", 1, 2, "info"), operation("silent", 3)]

    found = assess(operations, ["failed", "info", "silent", "stranger"])

    assert ("failed", "stranger") == found.unexpected


def test_what_may_or_may_not_have_happened() -> None:
    """Unanswered writes are no loss whether they are there or not; they are counted."""
    operations = [operation("info", 1, 2, "info"), operation("silent", 3)]

    there, gone = assess(operations, ["info", "silent"]), assess(operations, [])

    assert ((), 0.0, 2, ()) == (there.lost, there.rpo_s, there.indeterminate, there.unexpected)
    assert ((), 0.0, 2, ()) == (gone.lost, gone.rpo_s, gone.indeterminate, gone.unexpected)


def test_the_moment_of_the_lift() -> None:
    """What was acknowledged by then was the damaged shop's promise; what was invoked then is the new one's."""
    assert (4, ("d",)) == (assess(SERIAL, "abc", lifted_s=8).acknowledged, assess(SERIAL, "abc", lifted_s=8).lost)
    assert () == assess([operation("lost", 1, 2), operation("at", 8)], ["at"], lifted_s=8).holes


def test_after_the_lift_nothing_counts() -> None:
    """A write acknowledged after it was not the damaged shop's to keep; F is the last acknowledgement before."""
    operations = [*SERIAL, operation("across", 8.5, 10), operation("behind", 11, 12)]

    found = assess(operations, "ab", lifted_s=9)

    assert (4, ("c", "d"), 4.0) == (found.acknowledged, found.lost, found.rpo_s)
    assert () == assess(operations, ["behind"], lifted_s=9).unexpected


def test_other_stores_do_not_count() -> None:
    """Neither a cart's loss nor its survival says anything about orders."""
    operations = [*SERIAL, operation("cart", 20, 21, store="cache")]

    assert assess(SERIAL, "ab") == assess(operations, "ab")
    assert ("cart",) == assess(operations, ["cart"]).unexpected


def test_lost_after_t0() -> None:
    """Writes that the damaged stack acknowledged and lost although the harm was done already."""
    assert [4, 3, 1, 0] == [assess(SERIAL, "", t0_s=t).lost_after_t0 for t in (0, 4, 8, 8.1)]


def test_resolution() -> None:
    """RPO is known no finer than the gap between the acknowledgements around the recovery point."""
    operations = [*SERIAL, operation("e", 10, 20)]

    assert (14.0, 2.0) == (assess(operations, "abc").rpo_s, assess(operations, "abc").resolution_s)
    assert 12.0 == assess(operations, "abcd").resolution_s
    assert 0.0 == assess(operations, "abcde").resolution_s
