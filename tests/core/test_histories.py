"""What one look says of the stores beside the ledger: a backup that is older than it says is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.builders import operation

from blackstart.evidence import Observation
from blackstart.histories import Look, judge
from blackstart.judge import outcome
from blackstart.ledger import Operation
from blackstart.readings import Reading

INF = float("inf")
ORDERS = tuple(operation(f"o{second}", second - 0.5, second) for second in range(1, 11))
UPLOADS = tuple(operation(f"u{s}", s - 0.5, s, store="uploads", op="upload") for s in range(1, 11))


def look(
    *there: Operation, restored_s: float | None = None, until_s: float | None = None, archived_s: float = INF
) -> Look:
    """Behind the fence, at second 20; these are what is there."""
    elements = {store: {o.id: 1 for o in there if o.store == store} for store in ("database", "uploads", "cache")}
    numbers = {
        store: {o.id: (n,) for n, o in enumerate(there) if o.store == store} for store in ("database", "uploads")
    }
    reading = Reading(
        began_s=20.0, ended_s=20.5, elements=elements, numbers=numbers, inventory={}, changed={}, orders=(), stock=()
    )
    return Look(
        stage="verify",
        reading=reading,
        earlier={},
        operations=(*ORDERS, *UPLOADS),
        seeded_s=0.0,
        stock={},
        restored_s=restored_s,
        until_s=until_s,
        archived_s=archived_s,
    )


def said(made: Look, store: str) -> Observation:
    """What is observed of one store."""
    return next(each for each in judge(made) if each.subject == store)


@pytest.mark.parametrize(
    ("kept", "restored_s", "missing"),
    [
        pytest.param(6, 6.2, [], id="all that it must hold"),
        pytest.param(7, 6.2, [], id="more than it must hold"),
        pytest.param(6, 8.2, ["o7", "o8"], id="an older one"),
        pytest.param(6, None, [], id="no backup"),
    ],
)
def test_what_was_acknowledged_before_the_backup_is_in_it(
    kept: int, restored_s: float | None, missing: list[str]
) -> None:
    """Else it is not the backup that its manifest tells of, however well it was restored."""
    seen = said(look(*ORDERS[:kept], *UPLOADS, restored_s=restored_s), "database")

    assert missing == [line.partition(" ")[0] for line in seen.differences if "before the backup's moment" in line]
    assert bool(missing) == (seen.actual["missing from the backup"] > 0)


@pytest.mark.parametrize(
    ("restored_s", "archived_s", "missing"),
    [
        pytest.param(None, INF, [], id="nothing restored"),
        pytest.param(None, 8.2, ["u7", "u8"], id="an older archive"),
        pytest.param(8.2, INF, ["u7", "u8"], id="rows from an older dump"),
        pytest.param(6.2, 8.2, [], id="an archive that is newer than the rows"),
    ],
)
def test_an_upload_is_as_old_as_the_older_of_its_halves(
    restored_s: float | None, archived_s: float, missing: list[str]
) -> None:
    """Its row or its file may be what an honest backup does not have."""
    made = look(*ORDERS[:6], *UPLOADS[:6], restored_s=restored_s, archived_s=archived_s)
    seen = said(made, "uploads")

    assert missing == [line.partition(" ")[0] for line in seen.differences if "before the backup's moment" in line]


def test_after_the_verification_nothing_is_held_against_the_backup() -> None:
    """Then the earlier looks say what may be missing."""
    made = replace(look(*ORDERS, *UPLOADS, restored_s=8.2), stage="final")

    assert "missing from the backup" not in said(made, "database").actual
    assert outcome(said(made, "database")) == "pass"


def test_nothing_begun_after_the_moment_that_was_restored_may_be_there() -> None:
    """What was acknowledged before it must be; what overlaps it may or may not; uploads have no such moment."""
    moment = 5.7  # o6 was begun at 5.5 and acknowledged at 6
    for kept in (5, 6):
        sound = look(*ORDERS[:kept], *UPLOADS[:5], restored_s=moment, until_s=moment)
        assert [outcome(said(sound, store)) for store in ("database", "uploads")] == ["pass", "pass"]
    late = said(look(*ORDERS[:7], *UPLOADS[:5], restored_s=moment, until_s=moment), "database")
    early = said(look(*ORDERS[:4], *UPLOADS[:4], restored_s=moment, until_s=moment), "database")

    assert late.differences == ("o7 was begun after the moment that was restored, and is there",)
    assert early.differences == ("o5 was acknowledged before the backup's moment, and is not in it",)
