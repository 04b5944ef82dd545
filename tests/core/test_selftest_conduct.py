"""One case of the self-test: what goes wrong with it is its own, and what cannot be put back is everybody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from blackstart.errors import NotConducted
from blackstart.evidence import Observation
from blackstart.selftest import beside, conduct, ladder, simpler
from blackstart.selftest.bench import Bench
from blackstart.selftest.case import Case
from blackstart.selftest.matrix import Line
from blackstart.selftest.simpler import Looked

CASE = Case(what="nothing was touched", plant=lambda copy: None)
GREEN = Observation(check="started", layer=4, subject="server", stage="verify", expected=1, actual=1)
HEALTHY = Looked(exit_code=0, counts={"files": 1}, dump="digest")


class UntouchedCopy:
    """A copy of nothing, which a test may forbid to be put back."""

    touched: Sequence[str] = ()
    restored: Sequence[str] = ()
    put_back: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, bench: Bench, folder: Path) -> None:
        del bench, folder


def raising(error: Exception) -> Callable[..., Any]:
    """A function that cannot do what it is for."""

    def cannot(*_: Any, **__: Any) -> Any:
        raise error

    return cannot


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Line]:
    """Conducts a healthy case on a bench without any store."""
    monkeypatch.setattr(conduct, "SpoiltCopy", UntouchedCopy)
    monkeypatch.setattr(ladder, "observe", lambda *_: [GREEN])
    monkeypatch.setattr(simpler, "look", lambda *_, **__: HEALTHY)
    monkeypatch.setattr(beside, "differing_rows", lambda *_: [])
    bench = cast("Bench", SimpleNamespace(stage=SimpleNamespace(state=SimpleNamespace(work=tmp_path))))
    return lambda: conduct._one(bench, CASE, "untouched", HEALTHY, 0)


def test_a_case_in_which_nothing_happens_is_left_alone(one: Callable[[], Line]) -> None:
    """The fixture itself: without it the other tests would mean nothing."""
    line = one()

    assert (line.word, line.simpler) == ("left alone", dict.fromkeys(["exit code", "row counts", "dump diff"], False))


@pytest.mark.parametrize(
    ("module", "name"),
    [(simpler, "start_cache"), (simpler, "look"), (ladder, "observe"), (beside, "differing_rows")],
)
def test_whatever_a_look_raises_is_its_cases(
    module: object, name: str, one: Callable[[], Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that could not be looked at shows nothing, and those after it are conducted all the same."""
    monkeypatch.setattr(module, name, raising(psycopg.OperationalError("the server closed the connection\nhint")))
    line = one()

    assert (line.word, line.error) == ("not conducted", "OperationalError: the server closed the connection")


def test_what_is_not_this_cases_alone_ends_the_self_test(
    one: Callable[[], Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that does not do its part would make every line after this one worthless."""
    monkeypatch.setattr(ladder, "observe", raising(NotConducted("the volume does not exist")))

    with pytest.raises(NotConducted, match="the volume does not exist"):
        one()


def test_a_copy_that_cannot_be_put_back_ends_the_self_test_in_words(
    one: Callable[[], Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next case would see what this one spoilt; the matrix of those before is written."""
    monkeypatch.setattr(UntouchedCopy, "put_back", staticmethod(raising(psycopg.OperationalError("no server"))))

    with pytest.raises(NotConducted, match="nothing was touched: no server"):
        one()


def test_a_simpler_way_that_was_not_carried_out_noticed_nothing_and_missed_nothing() -> None:
    """What could not be looked at is noticed by everybody; what nobody looked at is not known."""
    blind = Looked(exit_code=0, counts=None, dump="another", not_run=("exit code",))

    assert simpler.noticed(HEALTHY, blind) == {"exit code": None, "row counts": True, "dump diff": True}
