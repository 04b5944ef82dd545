"""Judged again, a run's histories are judged anew from its readings; the rest is said to be what the run observed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.core.builders import LAST_BACKUP, write_run

from blackstart import commands, folder
from blackstart.checkers import totals, versions
from blackstart.checkers.totals import Order
from blackstart.evidence import Stage
from blackstart.ledger import parse
from blackstart.readings import Reading
from blackstart.verdict import Verdict

STAGES: tuple[Stage, ...] = ("gate", "verify", "final")
TIMES: dict[Stage, float] = {"gate": 9.0, "verify": 36.0, "final": 44.0}
ANEW = tuple(f"ledger ({stage})" for stage in STAGES)
SUBJECTS = ["database", "uploads", "cache", "totals", "numbers", "stock"]


def reading(stage: Stage, saved: list[str]) -> Reading:
    """A look that found what the backup held; at the gate nobody had bought anything."""
    found = [] if stage == "gate" else saved
    return Reading(
        began_s=TIMES[stage],
        ended_s=TIMES[stage] + 0.5,
        elements={"database": dict.fromkeys(found, 1), "uploads": {}, "cache": {}},
        numbers={"database": {op: (number,) for number, op in enumerate(found, 11)}, "uploads": {}},
        inventory={"1": (0, 50)},
        changed={},
        orders=(),
        stock=(),
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A sound run with whole readings, not judged yet."""
    path = write_run(tmp_path)
    saved = [
        o.id
        for o in parse((path / "ledger.jsonl").read_text().splitlines(keepends=True))
        if (o.completed_s or 0) < LAST_BACKUP
    ]
    for stage in STAGES:
        keep(path, stage, reading(stage, saved))
    (path / "evidence" / "seed.json").write_text(json.dumps({"stock": {"1": 50}}))
    manifest = {"snapshot_s": LAST_BACKUP - 0.9, "started_s": LAST_BACKUP - 1}
    (path / "evidence" / "backup-database.json").write_text(json.dumps(manifest))
    return path


def keep(run: Path, stage: Stage, look: Reading) -> None:
    """Write a look down."""
    (run / "evidence" / f"survivors-{stage}.json").write_text(look.to_json())


def look(run: Path, stage: Stage) -> Reading:
    """What was written down."""
    return folder._evidence(run).readings[stage]


def twice(run: Path) -> tuple[Verdict, Verdict]:
    """The verdict of the run, and that of judging it again."""
    return folder.judge_and_render(run), folder.judge_and_render(run)


def subjects(verdict: Verdict, stage: str) -> list[str]:
    """What the ledger's check says something of."""
    return [check.subject for check in verdict.checks if (check.name, check.stage) == ("ledger", stage)]


def test_the_ledgers_check_is_judged_anew(run: Path) -> None:
    """At every stage, in the place of what the run observed; all else is named as kept."""
    first, second = twice(run)

    assert ("pass", "pass") == (first.verdict, second.verdict)
    assert second.judged is not None
    assert ANEW == second.judged.redone_checks
    assert [["all"]] * 3 == [subjects(first, stage) for stage in STAGES]
    assert [SUBJECTS] * 3 == [subjects(second, stage) for stage in STAGES]
    kept = second.judged.kept_checks
    assert {"checksums (verify)", "redis-keys (final)", "backup-fresh (verify)", "smoke (resume)"} <= set(kept)
    assert not {"ledger"} & {name.partition(" ")[0] for name in kept}
    assert len(kept) == len(set(kept))
    assert second.judged.kept.endswith(" observations need a live stack and are those of the run")


def holding(look: Reading, elements: dict[str, int]) -> Reading:
    """The look with these orders, each with its row."""
    numbers = {op: look.numbers["database"].get(op, (99,)) for op in elements}
    return replace(
        look,
        elements={**look.elements, "database": elements},
        numbers={**look.numbers, "database": numbers},
    )


def without_the_first(look: Reading) -> Reading:
    """The look with all orders but the one that was placed first: ids tell no order."""
    first = min(look.elements["database"], key=lambda op: look.numbers["database"][op])
    return holding(look, dict.fromkeys(look.elements["database"].keys() - {first}, 1))


def with_a_stranger(look: Reading) -> Reading:
    """The look with an order that nobody placed."""
    return holding(look, {**look.elements["database"], "who": 1})


def with_one_number(look: Reading) -> Reading:
    """The look with two orders of one number."""
    return replace(look, numbers={**look.numbers, "database": dict.fromkeys(look.elements["database"], (12,))})


ORDER = Order(id=7, total=Decimal(1), items=Decimal(2), paid=Decimal(1))
PLANTED: dict[str, tuple[Stage, Callable[[Reading], Reading], str]] = {
    "a hole": ("verify", without_the_first, "ledger: database: hole: "),
    "newly lost": ("final", without_the_first, "ledger: database: acknowledged and lost: "),
    "a stranger": ("final", with_a_stranger, "ledger: database: no operation explains who"),
    "changed": (
        "verify",
        lambda look: replace(look, changed={"database": ["order 7: x"]}),
        "ledger: database: order 7",
    ),
    "totals": ("verify", lambda look: replace(look, orders=(ORDER,)), "ledger: totals: order 7: total 1, items 2"),
    "numbers": ("verify", with_one_number, "ledger: numbers: number 12 of an order belongs to "),
    "stock": ("final", lambda look: replace(look, stock=("stock of product 1",)), "ledger: stock: stock of product 1"),
    "two values": (
        "final",
        lambda look: replace(look, inventory={"1": (0, 49)}),
        "ledger: stock: inventory of product 1: version 0 has two values: 50 and 49",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_the_readings_show_counts_and_not_what_the_run_said(what: str, run: Path) -> None:
    """The run's own checker passed it; the one that judges now does not."""
    stage, change, reason = PLANTED[what]
    keep(run, stage, change(look(run, stage)))
    _, second = twice(run)

    assert "fail" == second.verdict
    assert any(each.startswith(reason) for each in second.reasons), second.reasons


def test_another_checker_judges_otherwise(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what judging again is for."""
    keep(run, "final", replace(look(run, "final"), orders=(replace(ORDER, items=Decimal(1)),)))
    _, same = twice(run)
    monkeypatch.setattr(totals, "unbalanced", lambda orders: tuple(orders))
    other = folder.judge_and_render(run)

    assert ("pass", "fail") == (same.verdict, other.verdict)
    assert other.judged is not None
    assert "check ledger of totals (final): pass → fail" in other.judged.changes


def test_a_checker_that_crashes_passes_nothing(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's observation is not put in its place."""
    folder.judge_and_render(run)

    def crash(*_: object) -> None:
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(totals, "unbalanced", crash)
    again = folder.judge_and_render(run)

    assert "inconclusive" == again.verdict
    assert "ledger could not run: ZeroDivisionError: by hand" in again.reasons


def old_readings(run: Path) -> None:
    for stage in STAGES:
        path = run / "evidence" / f"survivors-{stage}.json"
        text = json.loads(path.read_text())
        path.write_text(json.dumps({name: text[name] for name in ("database", "uploads", "cache", "rows")}))


def no_seed(run: Path) -> None:
    (run / "evidence" / "seed.json").write_text("[7]")


def no_times(run: Path) -> None:
    (run / "evidence" / "backup-database.json").write_text('{"id": 7}')


@pytest.mark.parametrize("without", [old_readings, no_seed], ids=lambda without: without.__name__)
def test_a_run_with_too_little_evidence_is_judged_as_before(without: Any, run: Path) -> None:
    """An older version's readings lack what is needed; the run's observations stay, and that is said."""
    without(run)
    first, second = twice(run)

    assert ("pass", "pass") == (first.verdict, second.verdict)
    assert second.judged is not None
    assert ((), ()) == (second.judged.redone_checks, second.judged.changes)
    assert set(ANEW) <= set(second.judged.kept_checks)


def test_a_restore_of_unknown_moment_leaves_what_followed_it(run: Path) -> None:
    """Without the backup's manifest, only the gate can be judged anew; with one that says nothing, nothing can."""
    (run / "evidence" / "backup-database.json").unlink()
    _, second = twice(run)
    no_times(run)
    third = folder.judge_and_render(run)

    assert second.judged is not None
    assert third.judged is not None
    assert (ANEW[:1], ()) == (second.judged.redone_checks, third.judged.redone_checks)


def journalled(run: Path, checkers: dict[str, int] | None) -> None:
    """The journal of a run in which these checkers judged; None: it did not write them down."""
    path = run / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    plan = json.loads(lines[0])
    plan["data"] = {name: value for name, value in plan["data"].items() if name != "checkers"}
    if checkers is not None:
        plan["data"]["checkers"] = checkers
    path.write_text(json.dumps(plan) + "\n" + "".join(lines[1:]))


def stamps(verdict: Verdict, checker: str) -> dict[str, tuple[int | None, int]]:
    """When a checker judged, by which version, and for how many checks."""
    return {each.judged: (each.version, len(each.of)) for each in verdict.checked if each.checker == checker}


def test_each_checker_says_its_version_and_when_it_judged(run: Path) -> None:
    """What needs a live stack was judged by the version of the run, whatever judges now."""
    journalled(run, dict.fromkeys(versions(), 0))
    first, second = twice(run)

    assert {"in the run": (0, 6)} == stamps(first, "counter")
    assert {"now": (1, 3), "in the run": (0, 3)} == stamps(second, "counter")
    assert {"now": (1, 1), "in the run": (0, 3)} == stamps(first, "holes")
    assert {"now": (1, 4)} == stamps(second, "holes")
    assert (0, 1) == (first.checkers["counter"], second.checkers["counter"])
    assert "append_log" not in second.checkers  # this run did not look at its log
    assert second.judged is not None
    assert "checker counter: 0 → 1" in [*second.judged.changes]


def test_a_run_that_did_not_write_its_checkers_down(run: Path) -> None:
    """No version is made up for it."""
    journalled(run, None)
    old_readings(run)
    first, second = twice(run)

    for verdict in (first, second):
        assert {"in the run": (None, 6)} == stamps(verdict, "counter")
        assert {"holes": 1, "ids": 1, "sets": 1} == verdict.checkers  # of the recovery point


def test_the_summary_and_the_report_say_what_was_kept(
    run: Path, capsys: pytest.CaptureFixture[str], state_home: Path
) -> None:
    """On stdout in one line, in the report by name."""
    folder.judge_and_render(run)
    commands.report(run.name, run.parent)
    lines = capsys.readouterr().out.splitlines()

    assert lines[-2].startswith("judged anew: ledger (gate), ledger (verify), ledger (final); ")
    assert lines[-2].endswith(" observations need a live stack and are those of the run")
    page = (run / "report.2.html").read_text(encoding="utf-8")
    assert "row-counts (gate), checksums (gate), uploads (gate), redis-keys (gate)" in page
    assert "checkers that judged in the run" in page
