"""The ladder: every layer is told of, those that ran by their worst check and those that did not by their reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.core.builders import DELETE, make_plan, record_of

from blackstart.evidence import Outcome
from blackstart.layers import LAYERS, climbed
from blackstart.record import RunRecord, Stopped
from blackstart.verdict import CheckResult, Layer


def check(layer: int, outcome: Outcome, reason: str = "") -> CheckResult:
    """A check's result in some layer."""
    return CheckResult(
        name="x", layer=layer, subject="s", stage="verify", outcome=outcome, expected=1, actual=1, reason=reason
    )


def layer(number: int, checks: Sequence[CheckResult], scenario: str = DELETE, record: RunRecord | None = None) -> Layer:
    """One layer of a run with these checks."""
    return climbed(make_plan(scenario), record or RunRecord(), checks)[number]


def test_there_are_fifteen_layers_in_order(tmp_path: Path) -> None:
    """Whatever ran, none is left out."""
    found = climbed(make_plan(DELETE), record_of(tmp_path), ())

    assert list(range(15)) == [each.layer for each in found] == list(LAYERS)


@pytest.mark.parametrize(
    ("outcome", "outcomes"),
    [
        ("pass", ["pass", "pass"]),
        ("fail", ["pass", "error", "fail"]),
        ("error", ["pass", "error"]),
        ("partly", ["not_applicable", "pass"]),
        ("fail", ["not_applicable", "fail"]),
        ("not_run", ["not_applicable"]),
        ("not_run", []),
    ],
)
def test_a_layer_is_as_good_as_its_worst_check(outcome: str, outcomes: Sequence[Outcome]) -> None:
    """What does not apply is no check that ran."""
    assert outcome == layer(8, [check(8, each) for each in outcomes]).outcome


def test_what_another_layer_found_is_not_its_own() -> None:
    """A failure stays in its layer."""
    found = layer(7, [check(7, "pass"), check(6, "fail")])

    assert ("pass", 1) == (found.outcome, found.checks)


REASONS = {
    "nothing came from a backup": (2, "kill-database", (), None, "nothing is restored from a backup in this scenario"),
    "no fault, no restore": (0, "no-fault", (), None, "there is no fault in this scenario, and so no recovery"),
    "no fault, no smoke": (13, "no-fault", (), None, "there is no fault in this scenario, and so no recovery"),
    "cut short": (
        9,
        DELETE,
        (),
        RunRecord(stopped=Stopped(kind="NotConducted", message="no shop")),
        "the run ended before it: no shop",
    ),
    "its own words": (7, DELETE, (check(7, "not_applicable", "no extension here"),), None, "no extension here"),
}


@pytest.mark.parametrize("what", REASONS)
def test_a_layer_that_did_not_run_says_why(what: str) -> None:
    """By the scenario, by the run's end, or in the words of the check itself."""
    number, scenario, checks, record, reason = REASONS[what]

    assert reason == layer(number, checks, scenario, record).reason
