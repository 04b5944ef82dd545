"""Silent accidents: the check that had to find one did, and named it; or the run fails and says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.builders import make_plan, measured, record_of, seen

from blackstart.evidence import Observation
from blackstart.judge import judge
from blackstart.record import Injection, RunRecord, fold
from blackstart.verdict import Verdict

FOUND_S = 30.4


def silent(tmp_path: Path, *observations: Observation, names: str = "public.reviews") -> RunRecord:
    """A sound run of which one fault had to be found by row-counts; what was seen meanwhile."""
    record = record_of(tmp_path)
    (injection,) = record.injections
    expecting = replace(injection, expect="row-counts", names=names)
    return replace(
        record,
        injections=(expecting,),
        observations=(*record.observations, *observations),
        found_s={each.check: FOUND_S for each in observations},
    )


def judged(record: RunRecord) -> Verdict:
    return judge(make_plan(), record, measured())


def red(check: str = "row-counts", difference: str = "missing table: public.reviews") -> Observation:
    return seen(check, "detect", subject="tables", actual=0, differences=(difference,))


def test_what_is_found_and_named_is_detected_and_no_failure(tmp_path: Path) -> None:
    """The red of the detection is not the restored shop's, and the verdict tells how long it took."""
    verdict = judged(silent(tmp_path, red()))
    (detection,) = verdict.detections

    assert verdict.verdict == "pass", verdict.reasons
    assert (detection.check, detection.named) == ("row-counts", "tables: missing table: public.reviews")
    assert detection.unnoticed_s == pytest.approx(FOUND_S - verdict_t0(tmp_path))
    assert all(check.stage != "detect" for check in verdict.checks)


def verdict_t0(tmp_path: Path) -> float:
    (tmp_path / "again").mkdir()
    return record_of(tmp_path / "again").injections[0].t


@pytest.mark.parametrize(
    "observations",
    [
        (),
        (red(check="checksums"),),
        (red(difference="missing table: public.orders"),),
        (seen("row-counts", "detect", subject="public.reviews"),),
        (seen("row-counts", "detect", subject="public.reviews", actual=0),),
        (seen("row-counts", "verify", subject="public.reviews", differences=()),),
    ],
    ids=["nothing", "another check", "another name", "green", "red without a word", "another stage"],
)
def test_what_is_not_found_and_named_by_that_check_fails(tmp_path: Path, observations: tuple[Observation, ...]) -> None:
    """Nobody noticed: however well the shop came back, the drill shows that the accident would have gone on."""
    verdict = judged(silent(tmp_path, *observations))

    assert (verdict.verdict, verdict.exit_code) == ("fail", 1)
    assert "row-counts, which was to find it and name public.reviews, did not" in "\n".join(verdict.reasons)
    assert [d.named for d in verdict.detections] == [""]


def test_without_a_name_nothing_is_found(tmp_path: Path) -> None:
    """Any red at all would do else, whoever caused it."""
    verdict = judged(silent(tmp_path, red(), names=""))

    assert (verdict.verdict, verdict.detections[0].named) == ("fail", "")


def test_what_was_acknowledged_meanwhile_is_counted(tmp_path: Path) -> None:
    """From the injection to the fence, and how much of that is gone."""
    verdict = judge(make_plan(), silent(tmp_path, red()), measured(lost=["o30"]))
    (detection,) = verdict.detections

    assert (detection.acknowledged_meanwhile, detection.lost_meanwhile) == (1, 1)


def lines(*events: tuple[str, dict[str, Any]]) -> list[str]:
    import json

    return [
        json.dumps({"n": n, "t": float(n), "at": f"t{n}", "event": event, "data": data}) + "\n"
        for n, (event, data) in enumerate(events, start=1)
    ]


INJECTED = {"fault": "pause", "target": "database", "moment": "", "family": "processes", "expect": ""}


def test_a_healed_fault_is_the_newest_of_its_kind_that_was_not() -> None:
    """Two of one kind on one target: the last one is healed first."""
    record = fold(lines(("injection", INJECTED), ("injection", INJECTED), ("healed", {"number": 1, **healed()})))

    assert [None, "t3"] == [injection.healed_at for injection in record.injections]


def healed() -> dict[str, str]:
    return {"fault": "pause", "target": "database"}


def test_an_attempt_that_was_struck_counts_for_nothing() -> None:
    """What was seen of a recovery before it started over is how the shop was, not how it is."""
    from dataclasses import asdict

    before, after = (asdict(seen("row-counts", "verify", subject=name)) for name in ("before", "after"))
    gate = asdict(seen("row-counts", "gate", subject="gate"))
    events = [("observation", gate), ("observation", before), ("started over", {"why": "killed"})]
    record = fold(lines(*events, ("observation", after)))

    assert ["gate", "after"] == [each.subject for each in record.observations]
    assert record.started_over == ("killed",)


def test_a_backup_that_was_passed_over_is_remembered() -> None:
    """By its id."""
    assert ("database-1",) == fold(lines(("passed over", {"role": "database", "id": "database-1"}))).passed_over


def test_an_injection_of_an_older_journal_is_read() -> None:
    """It says nothing of families and expectations."""
    record = fold(lines(("injection", {"fault": "kill-container", "target": "database", "moment": ""})))

    assert (Injection(fault="kill-container", target="database", t=1.0, at="t1"),) == record.injections
